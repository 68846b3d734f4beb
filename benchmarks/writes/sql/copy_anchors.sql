-- Final rows.
COPY entities_entityanchor (uuid, source, source_id) FROM STDIN
