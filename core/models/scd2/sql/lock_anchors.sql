-- Lock the anchors of the call in key order; nobody else writes their versions until the end.
-- parameters: roots; rows: (key)
SELECT {key} FROM {anchors} WHERE {key} = ANY(%(roots)s::{type}[]) ORDER BY {key}
FOR NO KEY UPDATE
