-- The place in the feed of the last entry recorded at or before an instant.
-- parameters: settled; rows: at most one, (recorded_at, txid as text, id)
SELECT entry.recorded_at, entry.txid::text, entry.id
FROM core_auditentry AS entry
WHERE entry.recorded_at <= %(settled)s
ORDER BY entry.recorded_at DESC, entry.txid DESC, entry.id DESC
LIMIT 1
