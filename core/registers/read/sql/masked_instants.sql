-- The system instants of the calls that wrote what is hidden of a thing.
-- parameters: key, hidden_names, hidden_details; rows: (instant)
SELECT DISTINCT moment.instant
FROM ({versions}) AS version
CROSS JOIN LATERAL (
    VALUES (version.system_from), (version.closed_at), (version.system_to)
) AS moment (instant)
WHERE moment.instant IS NOT NULL
