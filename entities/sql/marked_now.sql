-- What is marked as personal data now. Where a type is not valid now, any mark it ever had counts.
-- rows: one, of text[]: (names: types of entities whose names are personal, details: types of
--       details whose values are, others: the types of entities that are not among names)
WITH now AS MATERIALIZED (
    SELECT greatest(clock_timestamp(), (SELECT max(instant) FROM core_auditentry)) AS instant
), version AS (
    SELECT 'name' AS kind, code, is_pii_name AS marked, valid_from, valid_to, system_to
    FROM entities_entitytype
    UNION ALL
    SELECT 'detail', code, is_pii, valid_from, valid_to, system_to FROM entities_detailtype
), held AS (
    SELECT kind, code, marked, system_to IS NULL AND valid_from <= instant
        AND (valid_to IS NULL OR valid_to > instant) AS now
    FROM version CROSS JOIN now
), type AS (
    SELECT kind, code, coalesce(bool_or(marked) FILTER (WHERE now), bool_or(marked)) AS marked
    FROM held GROUP BY kind, code
)
SELECT
    coalesce(array_agg(code) FILTER (WHERE kind = 'name' AND marked), '{{}}') AS names,
    coalesce(array_agg(code) FILTER (WHERE kind = 'detail' AND marked), '{{}}') AS details,
    coalesce(array_agg(code) FILTER (WHERE kind = 'name' AND NOT marked), '{{}}') AS others
FROM type
