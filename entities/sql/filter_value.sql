-- With this value: the index knows it by its digest.
-- parameters: the value
AND held.hash_diff = core_digest(core_netstring({value}::text)) AND held.value = {value}
