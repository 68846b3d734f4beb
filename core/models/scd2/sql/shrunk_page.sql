-- The next things that cease to exist somewhere, without staged Changes of this model that take
-- the general plan (those are looked at with them).
-- parameters: after, limit; rows: (root, since)
SELECT shrunk.root, shrunk.since FROM {shrunk} AS shrunk
WHERE (%(after)s::{type} IS NULL OR shrunk.root > %(after)s::{type})
    AND NOT EXISTS (SELECT FROM {general} AS general WHERE general.{root} = shrunk.root)
ORDER BY shrunk.root
LIMIT %(limit)s
