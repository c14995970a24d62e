CREATE TABLE config17 (name VARCHAR(255) PRIMARY KEY, value TEXT);
CREATE TABLE software17 (url VARCHAR(255), computer_reference VARCHAR(255) DEFAULT 'local_computer', requested_state VARCHAR(255) DEFAULT 'available', PRIMARY KEY (url, computer_reference));
CREATE TABLE computer17 (reference VARCHAR(255) DEFAULT 'local_computer', address VARCHAR(255), netmask VARCHAR(255), PRIMARY KEY (reference));
CREATE TABLE partition17 (reference VARCHAR(255), computer_reference VARCHAR(255) DEFAULT 'local_computer', slap_state VARCHAR(255) DEFAULT 'free',
	software_release VARCHAR(255), xml TEXT, connection_xml TEXT, slave_instance_list TEXT, software_type VARCHAR(255), partition_reference VARCHAR(255),
	requested_by VARCHAR(255) NOT NULL DEFAULT '', requested_state VARCHAR(255) NOT NULL DEFAULT 'started', timestamp REAL, PRIMARY KEY (reference, computer_reference));
CREATE TABLE slave17 (reference VARCHAR(255), computer_reference VARCHAR(255) DEFAULT 'local_computer', connection_xml TEXT, hosted_by VARCHAR(255), asked_by VARCHAR(255));
CREATE TABLE partition_network17 (partition_reference VARCHAR(255), computer_reference VARCHAR(255) DEFAULT 'local_computer', reference VARCHAR(255), address VARCHAR(255), netmask VARCHAR(255));
CREATE TABLE forwarded_partition_request17 (partition_reference VARCHAR(255), master_url VARCHAR(255), PRIMARY KEY (partition_reference, master_url));

INSERT INTO computer17 VALUES ('local_computer', '127.0.0.1', '255.255.255.255');
INSERT INTO software17 (url) VALUES ('https://lab.example/kvm/software.cfg');
INSERT INTO partition17 VALUES ('slappart0', 'local_computer', 'busy', 'https://lab.example/kvm/software.cfg',
	'<instance><parameter id="a">1</parameter></instance>', '<instance><parameter id="url">https://host/</parameter></instance>',
	'<marshal><list id="i2"><dictionary id="i3"><string>k</string><int>3</int><string>slap_software_type</string><string>default</string><string>slave_reference</string><string>_sh1</string><string>slave_title</string><string>_sh1</string></dictionary></list></marshal>',
	'default', 'host', '', 'started', 1795429814.52576);
INSERT INTO partition17 VALUES ('slappart1', 'local_computer', 'busy', 'https://lab.example/kvm/software.cfg', NULL, NULL, NULL, 'RootSoftwareInstance', 'child', 'host', 'stopped', 1795429815.0);
INSERT INTO partition17 (reference) VALUES ('slappart2');
INSERT INTO partition_network17 VALUES ('slappart0', 'local_computer', 'tap0', '10.0.0.1', '255.255.255.255');
INSERT INTO partition_network17 VALUES ('slappart0', 'local_computer', 'tap0', '2001:db8::1', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff');
INSERT INTO slave17 VALUES ('_sh1', 'local_computer', '<instance><parameter id="url">https://sh1/</parameter></instance>', 'slappart0', '');
INSERT INTO slave17 VALUES ('_gone', 'local_computer', NULL, 'slappart2', '');
INSERT INTO forwarded_partition_request17 VALUES ('user_fe', 'http://other.example/');
