-- The versions of a thing that are hidden. parameters: key
SELECT system_from, closed_at, system_to FROM {table} AS version
WHERE {root} = %(key)s AND {is_hidden}
