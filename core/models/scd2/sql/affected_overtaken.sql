-- affected_overtaken
-- The Changes of a load that do not hold, because a later change stands, of one model.
-- rows: (what, kind, root, start, ordinal); start: since when the later change stands
SELECT 'overtaken' AS what, {overtaken_kind} AS kind, overtaken.{root} AS root,
    overtaken.since AS start, overtaken.ordinal
FROM {overtaken} AS overtaken
