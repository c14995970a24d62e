package store

// private is the mode of the files of a database: there are passwords in it.
const private = 0o600
