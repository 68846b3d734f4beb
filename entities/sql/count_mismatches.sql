-- How many held values do not match a pattern over the period for which it is set.
-- parameters: code, pattern, longest (characters of a text that is matched), valid_from (NULL is
--             now), valid_to; rows: (count)
SELECT count(*)
FROM entities_entitydetail AS held
WHERE held.system_to IS NULL
    AND held.detail_code = %(code)s
    AND tstzrange(held.valid_from, held.valid_to) && tstzrange(
        coalesce(%(valid_from)s::timestamptz, clock_timestamp()), %(valid_to)s::timestamptz
    )
    AND (
        length(held.value) > %(longest)s OR held.value !~ ('^(?:' || %(pattern)s::text || ')$')
    )
