-- Where a type is not valid now, any mark it ever had counts.
SELECT jsonb_object_agg(type.code, jsonb_build_array(type.data_type, type.marked)) FROM (
    SELECT code, coalesce(
        max(data_type) FILTER (WHERE system_to IS NULL),
        (array_agg(data_type ORDER BY system_to DESC))[1]
    ) AS data_type, coalesce(
        bool_or(is_pii) FILTER (
            WHERE system_to IS NULL AND valid_from <= now.instant
                AND (valid_to IS NULL OR valid_to > now.instant)
        ),
        bool_or(is_pii)
    ) AS marked
    FROM {types} CROSS JOIN now GROUP BY code
) AS type
