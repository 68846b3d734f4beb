-- The data type of every detail type, which never changes once there is a value.
-- rows: (code, data_type)
SELECT DISTINCT ON (type.code) type.code, type.data_type
FROM {types} AS type WHERE type.system_to IS NULL
ORDER BY type.code
