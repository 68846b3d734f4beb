-- With this value, in whatever normalization form: the index knows it by its digest, which no other
-- value has. To compare the value as well would make the planner think that next to nothing is found.
-- parameters: the value
AND core_normal_digest(held.value, held.hash_diff)
    = core_digest(core_netstring(normalize({value}::text, NFC)))
