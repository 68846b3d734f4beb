-- The things of a load: those on which something changes (fresh: made by this load), those that cease to exist somewhere,
-- from the instant since which that has to be looked at, and those that are not to be ended for
-- want of a staged Change.
CREATE TEMPORARY TABLE {changed} (root {type} PRIMARY KEY, fresh boolean NOT NULL DEFAULT false);
CREATE TEMPORARY TABLE {shrunk} (root {type} PRIMARY KEY, since timestamptz NOT NULL);
CREATE TEMPORARY TABLE {spared} (root {type} NOT NULL);
