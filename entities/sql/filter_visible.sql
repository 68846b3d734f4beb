-- Entities whose names the reader sees; named by their types, which an index knows.
-- parameters: visible_names
AND version.entity_type = ANY(%(visible_names)s::text[])
