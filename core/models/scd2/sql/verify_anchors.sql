-- Versions that name an anchor which does not exist.
-- rows: (key as json, id)
SELECT {json_key}, one.id
FROM {table} AS one
WHERE one.{column} IS NOT NULL
    AND NOT EXISTS (SELECT FROM {anchors} AS anchor WHERE anchor.{key} = one.{column})
