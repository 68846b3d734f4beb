-- The retraction of every thing of a scope that is valid at an instant and that nothing which was
-- staged, or which is to be spared, is about.
-- parameters: at, valid_from (NULL is the instant of the load), future, ordinal and those of the
--             scope; rowcount: the retractions
INSERT INTO {staged} AS fresh (ordinal, kind, sets, valid_from, future, implied, {key})
SELECT %(ordinal)s, 'r', 0, %(valid_from)s, %(future)s, true, {version_key}
FROM {table} AS version
JOIN {anchors} AS anchor ON anchor.{anchor_key} = version.{root}
WHERE {in_scope}
    AND version.system_to IS NULL
    AND version.valid_from <= %(at)s
    AND (version.valid_to IS NULL OR version.valid_to > %(at)s)
    AND NOT EXISTS (SELECT FROM {staged} AS staged WHERE {version_is_staged})
    AND NOT EXISTS (SELECT FROM {spared} AS spared WHERE spared.root = version.{root})
