-- Lock, in key order, the anchors that this transaction has not just made itself.
SELECT count(*) FROM (
    SELECT FROM {anchors} AS anchor
    JOIN {changed} AS changed ON changed.root = anchor.{key}
    WHERE anchor.xmin::text::bigint <> pg_current_xact_id()::text::bigint %% 4294967296
    ORDER BY anchor.{key}
    FOR NO KEY UPDATE OF anchor
) AS locked
