-- The guards of a table whose rows never change: anchors and the audit log.
-- The application role keeps UPDATE: locking a row FOR NO KEY UPDATE asks for it.
CREATE TRIGGER "{{name}}_change" BEFORE UPDATE OR DELETE ON {{table}}
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse('{{name}}');

CREATE TRIGGER "{{name}}_truncate" BEFORE TRUNCATE ON {{table}}
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse('{{name}}');

REVOKE DELETE, TRUNCATE, REFERENCES, TRIGGER ON {{table}} FROM {{application_role}};
