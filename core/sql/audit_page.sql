-- A page of the audit log in the order (instant, txid, id), as {direction} says.
-- parameters, each of the filters NULL for any: uuid, actor, request_id, batch, from_instant,
--             to_instant; after_instant, after_txid, after_id (the last of the page before, NULL on
--             the first); limit
-- rows: {columns}
SELECT {columns}
FROM core_auditentry AS entry
WHERE (%(uuid)s::uuid IS NULL OR entry.uuid = %(uuid)s::uuid)
    AND (%(actor)s::text IS NULL OR entry.actor = %(actor)s::text)
    AND (%(request_id)s::text IS NULL OR entry.request_id = %(request_id)s::text)
    AND (%(batch)s::text IS NULL OR entry.batch = %(batch)s::text)
    AND (%(from_instant)s::timestamptz IS NULL OR entry.instant >= %(from_instant)s::timestamptz)
    AND (%(to_instant)s::timestamptz IS NULL OR entry.instant <= %(to_instant)s::timestamptz)
    AND (
        %(after_instant)s::timestamptz IS NULL
        OR (entry.instant, entry.txid, entry.id) {beyond}
            (%(after_instant)s::timestamptz, %(after_txid)s::text::xid8, %(after_id)s::bigint)
    )
ORDER BY entry.instant {direction}, entry.txid {direction}, entry.id {direction}
LIMIT %(limit)s
