-- The field of a typed detail in a diff; what is hidden is null throughout, so it never changes.
-- Canonical text is JSON of its type already, or what a JSON string says.
-- parameters: hidden_details; row: (rank, name, value as JSON text)
({rank}, {prefix} || version.detail_code, CASE
    WHEN version.detail_code = ANY(%(hidden_details)s::text[]) THEN NULL
    WHEN kind.data_type IN ('integer', 'boolean', 'json') THEN version.value
    ELSE to_json(version.value)::text
END)
