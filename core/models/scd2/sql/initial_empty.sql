-- rows: (boolean)
SELECT NOT EXISTS (SELECT FROM {table})
