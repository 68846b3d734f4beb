-- All versions by thing, key and valid_from, to be hashed again and held against the log.
-- rows: (thing, key as json, id, valid_from, valid_to, system_from, system_to, closed_at,
--        hash_diff, payload as json, tracked columns)
SELECT {thing}, {json_key}::text, one.id, one.valid_from, one.valid_to, one.system_from,
    one.system_to, one.closed_at, one.hash_diff, {json_payload}::text, {tracked}
FROM {table} AS one
ORDER BY {thing}, {json_key}::text COLLATE "C", one.valid_from, one.id
