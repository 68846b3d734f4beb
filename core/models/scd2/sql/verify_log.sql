-- The log of one model by thing and key, in the order in which it came about; its payloads with the
-- columns that are tracked now.
-- parameters: model; rows: (thing, key as json, instant, valid_from, valid_to, before, after)
SELECT entry.uuid, entry.natural_key::text, entry.instant, entry.valid_from, entry.valid_to,
    {before}::text, {after}::text
FROM core_auditentry AS entry
WHERE entry.model = %(model)s
ORDER BY entry.uuid, entry.natural_key::text COLLATE "C", entry.instant, entry.txid, entry.id
