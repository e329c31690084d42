-- initdb names its superuser postgres; on the vendor's platform that name belongs to a role without superuser.
-- The session's own user cannot be renamed, hence the stand-in.
create role stand_in superuser login;
set session authorization stand_in;
alter role postgres rename to supabase_admin;
set session authorization supabase_admin;
drop role stand_in;

create role postgres login nosuperuser createdb createrole bypassrls replication;
create role anon nologin noinherit;
create role authenticated nologin noinherit;
create role service_role nologin noinherit bypassrls;
create role authenticator login noinherit;
create role supabase_auth_admin login noinherit createrole bypassrls;
create role supabase_storage_admin login noinherit createrole bypassrls;
create role supabase_replication_admin login replication;
create role supabase_realtime_admin nologin noinherit;
create role supabase_read_only_user login bypassrls;
create role dashboard_user nologin createdb createrole replication;

grant anon, authenticated, service_role to authenticator;
grant anon, authenticated, service_role to postgres with admin option;
grant anon, authenticated, service_role to supabase_storage_admin;
grant pg_monitor, pg_read_all_data, pg_signal_backend to postgres;
grant pg_read_all_data to supabase_read_only_user;
grant set on parameter session_replication_role to postgres;
alter database postgres owner to postgres;

create schema auth;
create schema storage;
create schema realtime;
create schema extensions;
create schema graphql_public;

grant usage on schema public, graphql_public, extensions to postgres, anon, authenticated, service_role;
grant create on schema public, extensions to postgres;
grant usage on schema auth, storage, realtime to postgres, anon, authenticated, service_role, dashboard_user;
grant all on schema auth to supabase_auth_admin;
grant all on schema storage to supabase_storage_admin;
grant all on schema realtime to supabase_realtime_admin;

create extension pgcrypto with schema extensions;
create extension "uuid-ossp" with schema extensions;
grant execute on all functions in schema extensions to postgres, anon, authenticated, service_role;

create publication supabase_realtime;
alter publication supabase_realtime owner to postgres;

-- Since 2026-10-30 new tables in public carry no grants for the API roles: nothing to alter here,
-- PostgreSQL's own defaults are the vendor's.
