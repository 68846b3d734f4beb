-- Remember things that cease to exist somewhere, and since when to look.
INSERT INTO {shrunk} (root, since)
SELECT root, since FROM unnest(%(roots)s::{type}[], %(sinces)s::timestamptz[]) AS fresh (root, since)
ON CONFLICT DO NOTHING
