-- The things of a load: those on which something changes, and those that cease to exist
-- somewhere, from the instant since which that has to be looked at.
CREATE TEMPORARY TABLE {changed} (root {type} PRIMARY KEY);
CREATE TEMPORARY TABLE {shrunk} (root {type} PRIMARY KEY, since timestamptz NOT NULL);
