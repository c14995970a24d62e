package store

// migrations are the steps to the present schema. The user_version of a
// database is how many of them it has seen.
var migrations = []string{
	schema,
	`ALTER TABLE instance ADD COLUMN typed TEXT; -- of a shared one: its parameters marshalled, with their types
	CREATE TABLE forwarded_request (
		id     INTEGER PRIMARY KEY,
		name   TEXT NOT NULL, -- what the other Master calls the instance
		master TEXT NOT NULL, -- URL
		UNIQUE (name, master)
	) STRICT;`,
	`CREATE TABLE instance_3 (
		id         INTEGER PRIMARY KEY,
		title      TEXT NOT NULL,
		root       TEXT NOT NULL, -- title of the root instance, empty for a root
		shared     INTEGER NOT NULL,
		release    TEXT NOT NULL,
		type       TEXT NOT NULL,
		state      TEXT NOT NULL,
		parameters TEXT NOT NULL, -- parameter XML
		typed      TEXT,          -- of a shared one: its parameters marshalled, with their types
		sla        TEXT NOT NULL, -- parameter XML
		connection TEXT,          -- parameter XML, null before publication
		computer   TEXT,          -- null while it is not allocated
		partition  TEXT,          -- of the host, for a shared instance
		created    REAL NOT NULL, -- seconds
		timestamp  REAL NOT NULL, -- seconds; of the last change
		processed  REAL,          -- the timestamp that a simulated node has come to
		status     TEXT NOT NULL, -- what the node reported last
		archived   INTEGER NOT NULL DEFAULT 0, -- destroyed and no longer listed: its title is free
		FOREIGN KEY (computer, partition) REFERENCES partition (computer, reference) ON DELETE CASCADE
	) STRICT;
	INSERT INTO instance_3 (id, title, root, shared, release, type, state, parameters, typed, sla, connection, computer, partition, created, timestamp, processed, status)
		SELECT id, title, root, shared, release, type, state, parameters, typed, '', connection, computer, partition, timestamp, timestamp,
			iif(connection IS NULL, NULL, timestamp), '' FROM instance;
	DROP TABLE instance;
	ALTER TABLE instance_3 RENAME TO instance;
	CREATE UNIQUE INDEX instance_of_title ON instance (title, root, shared) WHERE NOT archived;
	CREATE UNIQUE INDEX instance_of_partition ON instance (computer, partition) WHERE NOT shared;
	CREATE INDEX shared_on_partition ON instance (computer, partition) WHERE shared;
	CREATE INDEX unprocessed_instance ON instance (id) WHERE processed IS NOT timestamp;
	CREATE INDEX unallocated_instance ON instance (id) WHERE computer IS NULL;
	CREATE INDEX child_instance ON instance (root) WHERE root <> '';
	CREATE INDEX instance_of_release ON instance (computer, release, type) WHERE NOT shared;
	CREATE TRIGGER occupy AFTER INSERT ON instance WHEN NOT NEW.shared BEGIN
		UPDATE partition SET free = 0 WHERE computer = NEW.computer AND reference = NEW.partition;
	END;
	CREATE TRIGGER move AFTER UPDATE OF computer, partition ON instance WHEN NOT NEW.shared BEGIN
		UPDATE partition SET free = 1 WHERE computer = OLD.computer AND reference = OLD.partition;
		UPDATE partition SET free = 0 WHERE computer = NEW.computer AND reference = NEW.partition;
	END;
	CREATE TRIGGER release AFTER DELETE ON instance WHEN NOT OLD.shared BEGIN
		UPDATE partition SET free = 1 WHERE computer = OLD.computer AND reference = OLD.partition;
	END;
	ALTER TABLE software ADD COLUMN created REAL NOT NULL DEFAULT 0; -- seconds; when its state was asked for
	ALTER TABLE software ADD COLUMN status TEXT NOT NULL DEFAULT ''; -- what the node reported last: building, available, or #error and why
	CREATE TABLE takeover (changes INTEGER NOT NULL) STRICT; -- of the slapproxy's database, when it was taken over`,
	`ALTER TABLE computer ADD COLUMN title TEXT NOT NULL DEFAULT ''; -- empty: its reference
	ALTER TABLE partition ADD COLUMN inactive INTEGER NOT NULL DEFAULT 0; -- no longer listed by its node, which a full Master keeps`,
	`CREATE TABLE tree ( -- an instance tree of a full Master
		id         INTEGER PRIMARY KEY,
		title      TEXT NOT NULL,
		owner      TEXT NOT NULL, -- name of the person
		project    TEXT NOT NULL, -- reference
		release    TEXT NOT NULL,
		type       TEXT NOT NULL,
		shared     INTEGER NOT NULL,
		state      TEXT NOT NULL,
		parameters TEXT NOT NULL, -- parameter XML, which its root instance need not have
		sla        TEXT NOT NULL, -- parameter XML
		created    REAL NOT NULL, -- seconds
		ended      REAL,          -- seconds; when its end was asked for, null before
		rooted     INTEGER NOT NULL DEFAULT 0 -- it has had a root instance
	) STRICT;
	CREATE UNIQUE INDEX tree_of_title ON tree (owner, title) WHERE ended IS NULL;
	CREATE INDEX ended_tree ON tree (owner, title) WHERE ended IS NOT NULL;
	CREATE INDEX unrooted_tree ON tree (id) WHERE NOT rooted AND ended IS NULL;
	ALTER TABLE instance ADD COLUMN tree INTEGER NOT NULL DEFAULT 0; -- id of the tree on a full Master
	ALTER TABLE instance ADD COLUMN reported REAL NOT NULL DEFAULT 0; -- seconds; when its node did so last
	DROP INDEX instance_of_title;
	CREATE UNIQUE INDEX instance_of_title ON instance (title, root, shared, tree) WHERE NOT archived;
	CREATE INDEX instance_of_tree ON instance (tree) WHERE tree <> 0;
	ALTER TABLE software ADD COLUMN made REAL NOT NULL DEFAULT 0; -- seconds; when it was first asked for
	ALTER TABLE software ADD COLUMN reported REAL NOT NULL DEFAULT 0; -- seconds; when its node did so last
	ALTER TABLE computer ADD COLUMN project TEXT NOT NULL DEFAULT ''; -- of a full Master; empty: every project
	CREATE TABLE published ( -- release variations that were published while a full Master ran
		id      INTEGER PRIMARY KEY,
		project TEXT NOT NULL,
		product TEXT NOT NULL,
		release TEXT NOT NULL
	) STRICT;
	CREATE TABLE decision ( -- an upgrade decision of a full Master
		id      INTEGER PRIMARY KEY,
		tree    INTEGER NOT NULL UNIQUE,
		release TEXT NOT NULL, -- that the tree is to get
		state   TEXT NOT NULL, -- planned, confirmed or started
		changed REAL NOT NULL  -- seconds
	) STRICT;
	CREATE TABLE alarm ( -- of a full Master
		name TEXT PRIMARY KEY,
		last REAL NOT NULL -- seconds; when it rang
	) STRICT`,
}

// schema is that of version 1; what came later is in migrations.
const schema = `
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
`
