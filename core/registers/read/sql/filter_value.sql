-- With this value: the index knows it by its digest, which no other value has. To compare the value
-- as well would make the planner think that next to nothing is found.
-- parameters: the value
AND held.hash_diff = core_digest(core_netstring({value}::text))
