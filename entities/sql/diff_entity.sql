-- The fields of an entity in a diff; a name that is hidden is null.
-- parameters: hidden_names; rows: (rank, name, value as JSON text)
(0, 'entity_type', to_json(version.entity_type)::text),
(1, 'display_name', CASE
    WHEN version.entity_type = ANY(%(hidden_names)s::text[]) THEN NULL
    ELSE to_json(version.display_name)::text
END)
