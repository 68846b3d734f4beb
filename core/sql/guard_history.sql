-- The guards of one versioned table; the placeholders are filled in by HistoryGuard.
-- The UPDATE guards are AFTER triggers with a WHEN: they cost next to nothing while nothing is
-- wrong, and a BEFORE trigger would have the generated columns computed twice.
-- The search path is fixed: a temporary table called like an anchor's would come first otherwise.
CREATE TRIGGER "{{name}}_delete" BEFORE DELETE ON {{table}}
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse('{{name}}');

CREATE TRIGGER "{{name}}_truncate" BEFORE TRUNCATE ON {{table}}
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse('{{name}}');

CREATE TRIGGER "{{name}}_update" AFTER UPDATE ON {{table}}
    FOR EACH ROW
    WHEN (NOT (
        ROW({{old_fixed}}) IS NOT DISTINCT FROM ROW({{new_fixed}})
        AND OLD.system_to IS NULL
        AND (
            (
                OLD.valid_to IS NULL AND NEW.valid_to IS NOT NULL
                AND OLD.closed_at IS NULL AND NEW.closed_at IS NOT NULL
                AND NEW.system_to IS NULL
            ) OR (
                NEW.system_to IS NOT NULL
                AND NEW.valid_to IS NOT DISTINCT FROM OLD.valid_to
                AND NEW.closed_at IS NOT DISTINCT FROM OLD.closed_at
            )
        )
    ))
    EXECUTE FUNCTION core_refuse('{{name}}');

CREATE TRIGGER "{{name}}_update_instant" AFTER UPDATE ON {{table}}
    FOR EACH ROW
    WHEN (coalesce(NEW.system_to, NEW.closed_at) < transaction_timestamp())
    EXECUTE FUNCTION core_refuse_unless_backfill('{{name}}');

CREATE FUNCTION "{{name}}_insert"() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM opened WHERE system_to IS NOT NULL OR closed_at IS NOT NULL) THEN
        RAISE EXCEPTION 'INSERT on % is refused: a version is opened live.', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation', CONSTRAINT = '{{name}}',
                  SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME;
    END IF;
    IF EXISTS (SELECT FROM opened WHERE system_from < transaction_timestamp())
            AND NOT core_may_backfill(TG_RELID) THEN
        RAISE EXCEPTION 'INSERT on % is refused: a version is opened at an instant of its own transaction.',
            TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation', CONSTRAINT = '{{name}}',
                  SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME;
    END IF;
{{anchor_checks}}    RETURN NULL;
END $$;

CREATE TRIGGER "{{name}}_insert" AFTER INSERT ON {{table}}
    REFERENCING NEW TABLE AS opened
    FOR EACH STATEMENT EXECUTE FUNCTION "{{name}}_insert"();

REVOKE DELETE, TRUNCATE, REFERENCES, TRIGGER ON {{table}} FROM {{application_role}};
