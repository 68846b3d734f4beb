-- Who holds a detail.
-- parameters: its code, known_at
AND EXISTS (
    SELECT FROM {table} AS held
    WHERE {thing} = {root}
        AND held.detail_code = {code}
        AND {held_holds}
        {value}
)
