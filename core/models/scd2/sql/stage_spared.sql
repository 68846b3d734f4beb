-- Remember things that are not to be ended for want of a staged Change.
-- parameters: roots
INSERT INTO {spared} (root) SELECT unnest(%(roots)s::{type}[])
