-- Where the Changes of one model wait: kept over commits, gone with the session.
-- kind: w whole, p partial, r retraction; sets: a bit for each tracked column that is set.
CREATE TEMPORARY TABLE {staged} (
    ordinal bigint NOT NULL,
    {definitions},
    kind text NOT NULL,
    sets bigint NOT NULL,
    valid_from timestamptz,
    valid_to timestamptz,
    future text NOT NULL,
    reason text
);
CREATE TEMPORARY TABLE {repeated} ({key_definitions});
CREATE TEMPORARY TABLE {general} ({key_definitions});
