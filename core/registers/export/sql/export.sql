-- Everything that is valid at an instant, by key and code.
-- parameters: as_of, known_at (NULL is now), source (NULL is any), hidden_names, hidden_details,
--             every_name
-- rows: one a detail, one for a thing without any: (the columns of the register, contents as JSON text
--       by name of the model, detail_code, value); NULL is personal data that is hidden
SELECT {columns}, ({contents}) AS contents, {detail}
FROM {table} AS version
JOIN {anchors} AS anchor ON anchor.{anchor_key} = {root}
{details}
WHERE {version_holds}
    {of_source}
ORDER BY {order}
