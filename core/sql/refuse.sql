-- core_refuse(): what the guards call when a statement would rewrite history.
-- Trigger arguments: the constraint's name. A backfill, and it alone, passes an instant of the
-- past: the flag core.backfill counts only for a member of the role that owns the table.
CREATE FUNCTION core_may_backfill(guarded oid) RETURNS boolean
    LANGUAGE sql STABLE
    RETURN coalesce(current_setting('core.backfill', true), '') = 'on'
        AND pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = guarded), 'MEMBER');

CREATE FUNCTION core_refuse() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: history is only ever added to.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_ARGV[0],
              SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME;
END $$;

CREATE FUNCTION core_refuse_unless_backfill() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF core_may_backfill(TG_RELID) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '% on % is refused: a row is closed or superseded at an instant of its own transaction.',
        TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_ARGV[0],
              SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME;
END $$;
