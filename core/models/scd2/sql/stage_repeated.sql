-- Keys that have more than one Change: they always take the general plan.
INSERT INTO {repeated} ({key}) SELECT {key} FROM {staged} GROUP BY {key} HAVING count(*) > 1
