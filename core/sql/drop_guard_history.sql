-- Takes the guards of one versioned table away again (reversing a migration).
DROP TRIGGER "{{name}}_delete" ON {{table}};
DROP TRIGGER "{{name}}_truncate" ON {{table}};
DROP TRIGGER "{{name}}_update" ON {{table}};
DROP TRIGGER "{{name}}_update_instant" ON {{table}};
DROP TRIGGER "{{name}}_insert" ON {{table}};
DROP FUNCTION "{{name}}_insert"();
