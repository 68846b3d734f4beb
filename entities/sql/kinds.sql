-- Common table expressions: the clock, and what there is to know of types.
-- now (instant): the clock, or the greatest stored instant where that is later.
-- kinds (names, details), each JSON by code: whether the names of an entity type are marked as
-- personal data now; the data type of a detail type and whether its values are marked. Where a
-- type is not valid now, any mark it ever had counts.
now AS MATERIALIZED (
    SELECT greatest(
        clock_timestamp(), (SELECT max(entry.instant) FROM core_auditentry AS entry)
    ) AS instant
), kinds AS MATERIALIZED (
    SELECT
        (
            SELECT jsonb_object_agg(type.code, type.marked) FROM (
                SELECT code, coalesce(
                    bool_or(is_pii_name) FILTER (
                        WHERE system_to IS NULL AND valid_from <= now.instant
                            AND (valid_to IS NULL OR valid_to > now.instant)
                    ),
                    bool_or(is_pii_name)
                ) AS marked
                FROM entities_entitytype CROSS JOIN now GROUP BY code
            ) AS type
        ) AS names,
        (
            SELECT jsonb_object_agg(type.code, jsonb_build_array(type.data_type, type.marked))
            FROM (
                SELECT code, max(data_type) FILTER (WHERE system_to IS NULL) AS data_type, coalesce(
                    bool_or(is_pii) FILTER (
                        WHERE system_to IS NULL AND valid_from <= now.instant
                            AND (valid_to IS NULL OR valid_to > now.instant)
                    ),
                    bool_or(is_pii)
                ) AS marked
                FROM entities_detailtype CROSS JOIN now GROUP BY code
            ) AS type
        ) AS details
)
