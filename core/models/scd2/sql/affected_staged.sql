-- affected_staged
-- What a full file lacks and what is staged to end for that, of one model.
-- parameters: what, instant (stands for a start that is not given), kinds (NULL is all)
-- rows: (what, kind, root, start, ordinal)
SELECT %(what)s::text AS what, {staged_kind} AS kind, staged.{root} AS root,
    min(coalesce(staged.valid_from, %(instant)s)) AS start,
    min(nullif(staged.ordinal, 0)) AS ordinal
FROM {staged} AS staged
WHERE staged.implied AND (%(kinds)s::text[] IS NULL OR {staged_kind} = ANY (%(kinds)s))
GROUP BY 2, 3
