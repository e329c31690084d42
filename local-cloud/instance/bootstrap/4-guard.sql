-- auth, storage and realtime are closed since 2025-04-21: no tables, functions or indexes there, no change of what
-- is there; triggers and policies on their tables stay allowed.
-- https://github.com/orgs/supabase/discussions/34270
create function extensions.closed_schema(named text) returns boolean
  language sql immutable set search_path = '' as $$
  select named in ('auth', 'storage', 'realtime')
$$;

create function extensions.guard_closed_schemas() returns event_trigger
  language plpgsql set search_path = '' as $$
declare
  touched record;
begin
  if current_user <> 'postgres' then
    return;
  end if;
  for touched in
    select object_type, schema_name, object_identity from pg_catalog.pg_event_trigger_ddl_commands()
  loop
    if extensions.closed_schema(touched.schema_name) and touched.object_type not in ('trigger', 'policy') then
      raise exception 'must be owner of % %', touched.object_type, touched.object_identity using errcode = '42501';
    end if;
  end loop;
end
$$;

create function extensions.guard_closed_schemas_drop() returns event_trigger
  language plpgsql set search_path = '' as $$
declare
  touched record;
begin
  if current_user <> 'postgres' then
    return;
  end if;
  for touched in
    select object_type, schema_name, object_identity, original, is_temporary
    from pg_catalog.pg_event_trigger_dropped_objects()
  loop
    if extensions.closed_schema(touched.schema_name) and touched.original
      and touched.object_type not in ('trigger', 'policy') then
      raise exception 'must be owner of % %', touched.object_type, touched.object_identity using errcode = '42501';
    end if;
  end loop;
end
$$;

create event trigger guard_closed_schemas on ddl_command_end
  execute function extensions.guard_closed_schemas();
create event trigger guard_closed_schemas_drop on sql_drop
  execute function extensions.guard_closed_schemas_drop();
