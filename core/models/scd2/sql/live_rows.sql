-- The live rows of some things from an instant on, the row that ends there included: it melts.
-- parameters: roots, sinces (timestamptz[], one a root)
-- rows: (key columns, id, valid_from, valid_to, tracked columns), by key and valid_from
SELECT {key}, version.id, version.valid_from, version.valid_to, {tracked}
FROM unnest(%(roots)s::{type}[], %(sinces)s::timestamptz[]) AS wanted (root, since)
JOIN {table} AS version ON version.{root} = wanted.root
WHERE version.system_to IS NULL
    AND (version.valid_to IS NULL OR version.valid_to >= wanted.since)
ORDER BY {key}, version.valid_from
