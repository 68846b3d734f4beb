-- Anchors that are missing, in key order so that two creators never wait for each other.
-- rows: none
INSERT INTO {anchors} ({columns})
SELECT {columns} FROM unnest({arrays}) AS fresh ({columns})
ORDER BY {key}
ON CONFLICT DO NOTHING
