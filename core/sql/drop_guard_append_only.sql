-- Takes the guards of an append-only table away again (reversing a migration).
DROP TRIGGER "{{name}}_change" ON {{table}};
DROP TRIGGER "{{name}}_truncate" ON {{table}};
