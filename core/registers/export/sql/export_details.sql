LEFT JOIN {table} AS detail
    ON {thing} = {root}
    AND {detail_holds}
