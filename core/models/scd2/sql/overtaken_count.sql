-- rows: (number of Changes overtaken bigint)
SELECT count(*) FROM {overtaken}
