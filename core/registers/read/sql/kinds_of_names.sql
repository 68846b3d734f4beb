-- Where a type is not valid now, any mark it ever had counts.
SELECT jsonb_object_agg(type.code, type.marked) FROM (
    SELECT code, coalesce(
        bool_or({mark}) FILTER (
            WHERE system_to IS NULL AND valid_from <= now.instant
                AND (valid_to IS NULL OR valid_to > now.instant)
        ),
        bool_or({mark})
    ) AS marked
    FROM {types} CROSS JOIN now GROUP BY code
) AS type
