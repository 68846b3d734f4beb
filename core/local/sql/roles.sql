-- roles: the owner, who migrates and backfills, and the application, which the services run as.
-- parameters: owner, application (identifiers); owner_name, application_name, owner_password,
--   application_password (literals).
-- rows: none. Run by a superuser, as often as you like.
DO $roles$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = {owner_name}) THEN
        CREATE ROLE {owner};
    END IF;
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = {application_name}) THEN
        CREATE ROLE {application};
    END IF;
END
$roles$;
ALTER ROLE {owner} LOGIN CREATEDB NOSUPERUSER PASSWORD {owner_password};
ALTER ROLE {application} LOGIN NOSUPERUSER PASSWORD {application_password};
-- A settled read must see when every other transaction began.
GRANT pg_read_all_stats TO {owner}, {application};
