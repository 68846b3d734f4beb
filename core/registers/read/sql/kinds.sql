-- Common table expressions: the clock, and what there is to know of types.
-- now (instant): the clock, or the greatest stored instant where that is later.
-- kinds (names, details), each JSON by code: whether a type marks the column of personal data of its
-- things now; the data type of a detail type and whether its values are marked.
now AS MATERIALIZED (
    SELECT greatest(
        clock_timestamp(), (SELECT max(entry.instant) FROM core_auditentry AS entry)
    ) AS instant
), kinds AS MATERIALIZED (
    SELECT ({names}) AS names, ({details}) AS details
)
