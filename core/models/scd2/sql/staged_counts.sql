-- rows: (number of different keys staged)
SELECT count(*) FROM (SELECT FROM {staged} GROUP BY {key}) AS keys
