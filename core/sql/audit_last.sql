-- The place of the last entry at or before an instant.
-- parameters: settled; rows: at most one, (instant, txid as text, id)
SELECT entry.instant, entry.txid::text, entry.id
FROM core_auditentry AS entry
WHERE entry.instant <= %(settled)s
ORDER BY entry.instant DESC, entry.txid DESC, entry.id DESC
LIMIT 1
