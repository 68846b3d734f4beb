-- rows: (number of different keys staged bigint)
SELECT (SELECT count(*) FROM {staged})
    - coalesce((SELECT sum(repeated.more)::bigint FROM {repeated} AS repeated), 0)
