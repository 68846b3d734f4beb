-- The data type of every detail type that there ever was; once there is a value it never changes.
-- rows: (code, data_type)
SELECT DISTINCT ON (type.code) type.code, type.data_type
FROM {types} AS type
ORDER BY type.code, type.system_to DESC NULLS FIRST
