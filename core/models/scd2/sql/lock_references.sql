-- Hold on to the anchors that payloads and keys name, as a foreign key would.
-- parameters: values; rows: (key)
SELECT {key} FROM {anchors} WHERE {key} = ANY(%(values)s::{type}[]) ORDER BY {key}
FOR KEY SHARE
