-- What whole assertions of a container do not say of its contents, as retractions over the same
-- period: of all that is live in it then, and, where a container is asserted more than once, of
-- all that another of its assertions says.
-- parameters: instant (stands for a start that is not given), horizon, limit
-- rowcount: the retractions
INSERT INTO {staged} AS fresh (
    ordinal, kind, sets, valid_from, valid_to, future, reason, implied, {key}
)
SELECT own.ordinal, 'r', 0, own.valid_from, own.valid_to, own.future, own.reason, true, {version_key}
FROM {own} AS own
JOIN {table} AS version ON version.{root} = own.{own_root}
WHERE own.kind = 'w'
    AND version.system_to IS NULL
    AND (version.valid_to IS NULL OR version.valid_to > coalesce(own.valid_from, %(instant)s))
    AND CASE
        WHEN own.valid_to IS NOT NULL THEN version.valid_from < own.valid_to
        WHEN version.valid_from >= %(limit)s::timestamptz THEN false
        WHEN own.future = 'keep' THEN
            version.valid_from <= greatest(
                coalesce(own.valid_from, %(instant)s), %(horizon)s::timestamptz
            )
        ELSE true
    END
    AND NOT EXISTS (
        SELECT FROM {staged} AS staged
        WHERE staged.ordinal = own.ordinal AND {version_is_staged}
    )
UNION
SELECT own.ordinal, 'r', 0, own.valid_from, own.valid_to, own.future, own.reason, true, {other_key}
FROM {own} AS own
JOIN {own_repeated} AS again ON again.{own_root} = own.{own_root}
JOIN (
    SELECT DISTINCT {key} FROM {staged} AS said WHERE said.kind <> 'r'
) AS other ON other.{root} = own.{own_root}
WHERE own.kind = 'w'
    AND NOT EXISTS (
        SELECT FROM {staged} AS staged
        WHERE staged.ordinal = own.ordinal AND {other_is_staged}
    )
