-- Where the Changes of one model wait: kept over commits, gone with the session.
-- kind: w whole, p partial, r retraction; sets: a bit for each tracked column that is set;
-- implied: nobody said it, it follows from what a full file lacks. What is the same for almost
-- every Change has a default, so that COPY need not read it.
CREATE TEMPORARY TABLE {staged} (
    ordinal bigint NOT NULL,
    valid_from timestamptz,
    valid_to timestamptz,
    sets bigint NOT NULL DEFAULT {all_set},
    kind text NOT NULL DEFAULT 'w',
    future text NOT NULL DEFAULT 'keep',
    implied boolean NOT NULL DEFAULT false,
    reason text,
    {definitions}
);
CREATE TEMPORARY TABLE {repeated} ({key_definitions}, more bigint NOT NULL);
CREATE TEMPORARY TABLE {general} ({key_definitions});
CREATE TEMPORARY TABLE {overtaken} (
    ordinal bigint NOT NULL, since timestamptz NOT NULL, {key_definitions}
);
