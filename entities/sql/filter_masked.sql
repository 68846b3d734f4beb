-- Entities whose names are hidden from the reader.
AND version.entity_type = ANY(%(hidden_names)s::text[]) -- parameters: hidden_names
