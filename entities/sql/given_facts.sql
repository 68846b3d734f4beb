-- Facts given one by one; value is NULL for the type of an entity.
-- parameters: ordinals, uuids, codes, texts, starts (NULL is the instant of the call), ends
SELECT ordinal, uuid, code, value, coalesce(valid_from, %(instant)s::timestamptz) AS valid_from,
    valid_to
FROM unnest(
    %(ordinals)s::int[], %(uuids)s::uuid[], %(codes)s::text[], %(texts)s::text[],
    %(starts)s::timestamptz[], %(ends)s::timestamptz[]
) AS given (ordinal, uuid, code, value, valid_from, valid_to)
