-- Which of some things cease to exist somewhere, and since when to look.
-- parameters: roots; rows: (root, since)
SELECT shrunk.root, shrunk.since FROM {shrunk} AS shrunk
WHERE shrunk.root = ANY(%(roots)s::{type}[])
