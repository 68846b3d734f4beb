-- How many things of a scope are valid at an instant.
-- parameters: at and those of the scope; rows: (count)
SELECT count(*)
FROM {table} AS version
JOIN {anchors} AS anchor ON anchor.{anchor_key} = version.{root}
WHERE {in_scope}
    AND version.system_to IS NULL
    AND version.valid_from <= %(at)s
    AND (version.valid_to IS NULL OR version.valid_to > %(at)s)
