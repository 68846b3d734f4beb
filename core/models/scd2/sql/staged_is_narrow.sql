-- Whether something changes on few of the things that are staged.
-- rows: (boolean)
SELECT (SELECT count(*) FROM {changed}) * 4 < (SELECT count(*) FROM {staged})
