-- Live versions that hold where their container does not.
-- rows: (key as json, id)
SELECT {json_key}, one.id
FROM {table} AS one
LEFT JOIN (
    SELECT container.{container_root} AS root,
        range_agg(tstzrange(container.valid_from, container.valid_to)) AS life
    FROM {container} AS container
    WHERE container.system_to IS NULL
    GROUP BY container.{container_root}
) AS container ON container.root = one.{root}
WHERE one.system_to IS NULL
    AND (container.life @> tstzrange(one.valid_from, one.valid_to)) IS NOT TRUE
