-- Final rows.
COPY core_auditentry (
    instant, recorded_at, txid, actor, channel, model, uuid, natural_key, valid_from, after, action
) FROM STDIN
