-- Ground rules of an agency's database. One database belongs to one agency, so no row names an agency.
--
-- Statuses and roles are text with a named CHECK, not enums: a value can be added, renamed or removed in one
-- transactional statement, whereas an enum value can never be removed, nor used in the transaction that adds it.

-- Nothing in this schema is reachable through the Data API, which serves `public` only. Nobody but its owner may even
-- look a name up in it: policies and triggers hold their functions by identity and need no USAGE here.
create schema private;
revoke all on schema private from public;

-- Projects made before 2026-05-30 grant new tables to anon and authenticated by default, later ones grant nothing.
-- From here on both behave the same: what a file does not grant, nobody has.
alter default privileges in schema public revoke all on tables from anon, authenticated;
alter default privileges in schema public revoke all on sequences from anon, authenticated;
alter default privileges in schema public revoke execute on functions from anon, authenticated;

-- Some projects are born with this function and an event trigger that enables row-level security on every new table.
-- The trigger does no harm here; the function must not be callable through the API.
do $$
begin
  if to_regprocedure('public.rls_auto_enable()') is not null then
    revoke execute on function public.rls_auto_enable() from public, anon, authenticated;
  end if;
exception when insufficient_privilege then
  raise notice 'public.rls_auto_enable() belongs to the platform: its grants stay as they are';
end
$$;

create function private.touch_updated_at() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.updated_at := now();
  return new;
end
$$;

-- Who wrote a row, and when, is not for API users to choose. Roles that bypass row-level security (the server, the
-- owner of the tables, foreign key actions) keep what they give, so that imports can carry history over.
create function private.stamp_author() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if not row_security_active(tg_relid) then
    return new;
  end if;
  if tg_op = 'INSERT' then
    new.created_by := auth.uid();
    new.created_at := now();
  else
    new.created_by := old.created_by;
    new.created_at := old.created_at;
  end if;
  return new;
end
$$;

-- Columns named as arguments are written once. It holds for every role: other rows and objects rely on them.
create function private.refuse_change() returns trigger
language plpgsql
set search_path = ''
as $$
declare
  fixed text;
begin
  foreach fixed in array tg_argv loop
    if to_jsonb(old) -> fixed is distinct from to_jsonb(new) -> fixed then
      raise exception '%.% cannot be changed', tg_table_name, fixed using errcode = 'check_violation';
    end if;
  end loop;
  return new;
end
$$;

revoke execute on all functions in schema private from public;
