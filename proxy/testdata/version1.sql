CREATE TABLE computer (
	id        INTEGER PRIMARY KEY,
	reference TEXT NOT NULL UNIQUE,
	address   TEXT NOT NULL,
	netmask   TEXT NOT NULL,
	simulated INTEGER NOT NULL DEFAULT 0 -- how many partitions a simulated node has been given
) STRICT;
CREATE TABLE partition (
	id        INTEGER PRIMARY KEY,
	computer  TEXT NOT NULL REFERENCES computer (reference) ON DELETE CASCADE,
	reference TEXT NOT NULL,
	addresses TEXT NOT NULL, -- JSON: [[interface, address, netmask], …]
	free      INTEGER NOT NULL DEFAULT 1, -- kept by the triggers below
	UNIQUE (computer, reference)
) STRICT;
CREATE INDEX free_partition ON partition (computer, id) WHERE free;
CREATE TABLE instance (
	id         INTEGER PRIMARY KEY,
	title      TEXT NOT NULL,
	root       TEXT NOT NULL, -- title of the root instance, empty for a root
	shared     INTEGER NOT NULL,
	release    TEXT NOT NULL,
	type       TEXT NOT NULL,
	state      TEXT NOT NULL,
	parameters TEXT NOT NULL, -- parameter XML
	connection TEXT,          -- parameter XML, null before publication
	computer   TEXT NOT NULL,
	partition  TEXT NOT NULL, -- of the host, for a shared instance
	timestamp  REAL NOT NULL, -- seconds
	UNIQUE (title, root, shared),
	FOREIGN KEY (computer, partition) REFERENCES partition (computer, reference) ON DELETE CASCADE
) STRICT;
CREATE UNIQUE INDEX instance_of_partition ON instance (computer, partition) WHERE NOT shared;
CREATE INDEX shared_on_partition ON instance (computer, partition) WHERE shared;
CREATE INDEX unpublished_instance ON instance (id) WHERE connection IS NULL;
CREATE INDEX destroyed_instance ON instance (id) WHERE state = 'destroyed';
CREATE INDEX child_instance ON instance (root) WHERE root <> '';
CREATE INDEX instance_of_release ON instance (computer, release, type) WHERE NOT shared;
CREATE TRIGGER occupy AFTER INSERT ON instance WHEN NOT NEW.shared BEGIN
	UPDATE partition SET free = 0 WHERE computer = NEW.computer AND reference = NEW.partition;
END;
CREATE TRIGGER release AFTER DELETE ON instance WHEN NOT OLD.shared BEGIN
	UPDATE partition SET free = 1 WHERE computer = OLD.computer AND reference = OLD.partition;
END;
CREATE TABLE software (
	id       INTEGER PRIMARY KEY,
	computer TEXT NOT NULL, -- need not be registered
	release  TEXT NOT NULL,
	state    TEXT NOT NULL,
	UNIQUE (computer, release)
) STRICT;

INSERT INTO computer (reference, address, netmask) VALUES ('COMP-1', '127.0.0.1', '255.255.255.255');
INSERT INTO partition (computer, reference, addresses) VALUES ('COMP-1', 'slappart0', '[["tap0","2001:db8::1","ffff::"]]'), ('COMP-1', 'slappart1', '[]');
INSERT INTO instance (title, root, shared, release, type, state, parameters, connection, computer, partition, timestamp) VALUES
	('host', '', 0, 'https://lab.example/kvm/software.cfg', 'default', 'started', '<instance/>',
		'<instance><parameter id="url">https://host.example/</parameter></instance>', 'COMP-1', 'slappart0', 1.5),
	('user', '', 1, 'https://lab.example/kvm/software.cfg', 'default', 'started',
		'<instance><parameter id="n">1</parameter></instance>', NULL, 'COMP-1', 'slappart0', 1.5);
INSERT INTO software (computer, release, state) VALUES ('COMP-1', 'https://lab.example/kvm/software.cfg', 'available');
PRAGMA user_version = 1;
