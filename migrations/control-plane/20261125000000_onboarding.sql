-- For the company's own database: who asked for an agency, and how far the provisioner is with it.
--
-- Runs on an empty database and on one where these tables exist already with other columns, as often as one likes. Nothing
-- of what is there is dropped, renamed, retyped or refilled. What does not fit stops the file before it changed anything,
-- with a hint: run it in one transaction.
--
--                anon    authenticated    authenticated admin    service_role
--  requests      (1)     (1)              read                   everything
--  jobs          -       -                read                   everything
--
-- (1) nothing, unless the company has a policy that lets its form insert; then requests that are not yet approved, with
--     nothing in what the provisioner fills.
-- An admin is whoever has `"role": "admin"` in app_metadata, which only a server with a secret key can write. What users
-- write themselves (user_metadata) is not asked.

do $$
begin
  if to_regclass('public.agency_onboarding_requests') is null then
    create table public.agency_onboarding_requests (
      id uuid primary key default gen_random_uuid(),
      agency_name text not null,
      owner_email text not null,
      owner_name text,
      region text
    );
    alter table public.agency_onboarding_requests enable row level security;
    -- Older projects grant everything to everybody by default.
    revoke all on public.agency_onboarding_requests from anon, authenticated;
  end if;
end
$$;

do $$
declare
  requests constant regclass := 'public.agency_onboarding_requests';
begin
  if not exists (select from pg_class where oid = requests and relkind in ('r', 'p')) then
    raise exception 'public.agency_onboarding_requests is not a table'
      using hint = 'The provisioner writes to it. Give the view another name, or let it read from a table of this name.';
  end if;
  if not exists (
    select from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
    where i.indrelid = requests and i.indisunique and i.indpred is null and i.indnkeyatts = 1 and a.attname = 'id'
  ) then
    raise exception 'public.agency_onboarding_requests has no column id that is unique'
      using hint = 'Each request is addressed by its id. Add one: alter table public.agency_onboarding_requests add column id uuid not null unique default gen_random_uuid();';
  end if;
end
$$;

alter table public.agency_onboarding_requests
  add column if not exists agency_name text,
  add column if not exists owner_email text,
  add column if not exists owner_name text,
  add column if not exists region text,
  add column if not exists slug text,
  add column if not exists pull_request_url text,
  add column if not exists instance_url text,
  add column if not exists supabase_project_id text,
  add column if not exists vercel_project_id text,
  add column if not exists error_message text,
  add column if not exists provisioning_started_at timestamptz,
  add column if not exists provisioning_completed_at timestamptz,
  add column if not exists created_at timestamptz not null default now();

create or replace function public.provisioner_touch_updated_at() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.updated_at := now();
  return new;
end
$$;
revoke execute on function public.provisioner_touch_updated_at() from public, anon, authenticated;

do $$
declare
  requests constant regclass := 'public.agency_onboarding_requests';
begin
  -- A status that is there already may know words of the company's own; those rows are left alone.
  if not exists (select from pg_attribute where attrelid = requests and attname = 'status' and not attisdropped) then
    alter table public.agency_onboarding_requests
      add column status text not null default 'pending',
      add constraint agency_onboarding_requests_status
        check (status in ('pending', 'approved', 'provisioning', 'deployed', 'failed'));
    comment on column public.agency_onboarding_requests.status is
      'pending until an admin approves; then the provisioner goes on: provisioning, and deployed or failed.';
  end if;
  -- So may whatever keeps an updated_at that is there already.
  if not exists (select from pg_attribute where attrelid = requests and attname = 'updated_at' and not attisdropped) then
    alter table public.agency_onboarding_requests add column updated_at timestamptz not null default now();
    create trigger provisioner_touch_updated_at before update on public.agency_onboarding_requests
      for each row execute function public.provisioner_touch_updated_at();
  end if;
end
$$;

do $$
begin
  if to_regclass('public.provisioning_jobs') is null then
    create table public.provisioning_jobs (
      id uuid primary key,
      status text not null default 'pending'
        constraint provisioning_jobs_status check (status in ('pending', 'in_progress', 'completed', 'failed')),
      updated_at timestamptz not null default now()
    );
    create trigger provisioner_touch_updated_at before update on public.provisioning_jobs
      for each row execute function public.provisioner_touch_updated_at();
    alter table public.provisioning_jobs enable row level security;
    revoke all on public.provisioning_jobs from anon, authenticated;
    comment on table public.provisioning_jobs is
      'One run of the provisioner over one request. current_step is the resource that moves, or what it waits for.';
  end if;
  if not exists (
    select from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
    where i.indrelid = 'public.provisioning_jobs'::regclass and i.indisunique and i.indpred is null
      and i.indnkeyatts = 1 and a.attname = 'id'
  ) then
    raise exception 'public.provisioning_jobs is there already and has no column id that is unique'
      using hint = 'The provisioner writes its jobs to a table of this name, by id. Give yours another name.';
  end if;
end
$$;

-- Which request a job belongs to. The page reads jobs with their request, for which the Data API wants a foreign key.
do $$
declare
  requests constant regclass := 'public.agency_onboarding_requests';
  jobs constant regclass := 'public.provisioning_jobs';
  another constant text := 'Or give yours another name and run this file again, which then adds its own: alter table public.provisioning_jobs rename column request_id to former_request_id;';
  id record;
  request_id record;
  elsewhere text;
begin
  select attnum, atttypid, format_type(atttypid, atttypmod) as type into strict id
    from pg_attribute where attrelid = requests and attname = 'id';
  select attnum, atttypid, format_type(atttypid, atttypmod) as type into request_id
    from pg_attribute where attrelid = jobs and attname = 'request_id';
  if not found then
    execute format(
      'alter table public.provisioning_jobs add column request_id %s
        references public.agency_onboarding_requests (id) on delete cascade', id.type);
    create index provisioning_jobs_request_id_idx on public.provisioning_jobs (request_id);
    return;
  end if;
  if request_id.atttypid <> id.atttypid and not exists (
    select from pg_cast
    where castsource = id.atttypid and casttarget = request_id.atttypid and castcontext = 'i'
  ) then
    raise exception 'public.provisioning_jobs.request_id is %, and public.agency_onboarding_requests.id is %',
      request_id.type, id.type
      using hint = 'The provisioner writes the id of the request there. Change its type. ' || another;
  end if;
  elsewhere := (
    select min(confrelid::regclass::text) from pg_constraint
    where contype = 'f' and conrelid = jobs and request_id.attnum = any (conkey)
      and (confrelid, conkey, confkey) is distinct from (requests, array[request_id.attnum], array[id.attnum])
  );
  if elsewhere is not null then
    raise exception 'public.provisioning_jobs.request_id refers to % and not to the id of public.agency_onboarding_requests', elsewhere
      using hint = 'The provisioner writes the id of the request there. Drop that foreign key. ' || another;
  end if;
  if not exists (
    select from pg_constraint where contype = 'f' and conrelid = jobs and conkey = array[request_id.attnum]
  ) then
    begin
      alter table public.provisioning_jobs add constraint provisioning_jobs_request_id_fkey
        foreign key (request_id) references public.agency_onboarding_requests (id) on delete cascade;
    exception when others then
      raise exception 'public.provisioning_jobs.request_id cannot refer to public.agency_onboarding_requests.id: %', sqlerrm
        using hint = 'Empty it in the rows that name no request: update public.provisioning_jobs j set request_id = null where not exists (select from public.agency_onboarding_requests r where r.id = j.request_id); ' || another;
    end;
  end if;
end
$$;

alter table public.provisioning_jobs
  add column if not exists status text,
  add column if not exists current_step text,
  add column if not exists error_message text,
  add column if not exists started_at timestamptz,
  add column if not exists completed_at timestamptz,
  add column if not exists created_at timestamptz not null default now();

-- Types, lengths and checks of tables that were there before: what the provisioner will write is tried on a copy of each.
do $$
declare
  long constant text := repeat('x', 1000);
  url constant text := 'https://' || repeat('a', 200) || '.example';
  trial record;
  sample jsonb;
  names text;
  other text;
begin
  for trial in
    select 'agency_onboarding_requests' as name, jsonb_build_array(
      jsonb_build_object('status', 'approved', 'slug', 'acme', 'pull_request_url', url),
      jsonb_build_object('status', 'provisioning', 'slug', 'acme', 'pull_request_url', url,
        'provisioning_started_at', now()),
      jsonb_build_object('status', 'deployed', 'slug', 'acme', 'pull_request_url', url, 'instance_url', url,
        'supabase_project_id', repeat('a', 20), 'vercel_project_id', 'prj_' || repeat('a', 28),
        'provisioning_started_at', now(), 'provisioning_completed_at', now()),
      jsonb_build_object('status', 'failed', 'slug', 'acme', 'pull_request_url', url, 'error_message', long,
        'provisioning_started_at', now())
    ) as samples, array['status', 'slug', 'pull_request_url', 'instance_url', 'supabase_project_id',
      'vercel_project_id', 'error_message', 'provisioning_started_at', 'provisioning_completed_at'] as columns
    union all
    select 'provisioning_jobs', jsonb_build_array(
      jsonb_build_object('id', gen_random_uuid(), 'status', 'in_progress', 'current_step', left(long, 200),
        'started_at', now()),
      jsonb_build_object('id', gen_random_uuid(), 'status', 'pending', 'current_step', left(long, 200)),
      jsonb_build_object('id', gen_random_uuid(), 'status', 'completed', 'started_at', now(), 'completed_at', now()),
      jsonb_build_object('id', gen_random_uuid(), 'status', 'failed', 'error_message', long, 'completed_at', now())
    ), array['id', 'status', 'current_step', 'error_message', 'started_at', 'completed_at']
  loop
    execute format('create temp table provisioner_trial (like public.%I including constraints)', trial.name);
    -- The company makes its requests, and the provisioner makes its jobs: of those each other column fills itself, or the
    -- provisioner could add none.
    for other in
      select trying.attname from pg_attribute trying
      join pg_attribute own on own.attrelid = format('public.%I', trial.name)::regclass and own.attname = trying.attname
      where trying.attrelid = 'pg_temp.provisioner_trial'::regclass and trying.attnum > 0 and trying.attnotnull
        and trying.attname <> all (trial.columns)
        and (trial.name <> 'provisioning_jobs' or own.attname = 'request_id' or own.atthasdef or own.attidentity <> '')
    loop
      execute format('alter table pg_temp.provisioner_trial alter column %I drop not null', other);
    end loop;
    names := (select string_agg(quote_ident(name), ', ') from unnest(trial.columns) as name);
    for sample in select jsonb_array_elements(trial.samples) loop
      begin
        execute format('insert into pg_temp.provisioner_trial (%s) select %s from jsonb_populate_record(null::public.%I, $1)',
          names, names, trial.name) using sample;
      exception when others then
        raise exception 'public.% refuses what the provisioner writes with status %: %',
          trial.name, sample ->> 'status', sqlerrm
          using hint = 'Widen the column, enum or check that it names, and run this file again. Texts may be 1000 characters long; what does not apply is null; a job’s other columns need a default.';
      end;
    end loop;
    drop table pg_temp.provisioner_trial;
  end loop;
end
$$;

-- What is about to change for people who could reach the tables until now.
do $$
declare
  found record;
begin
  for found in
    select relname from pg_class
    where oid in ('public.agency_onboarding_requests'::regclass, 'public.provisioning_jobs'::regclass)
      and not relrowsecurity
  loop
    raise warning 'row-level security was off for public.% and is on now: from the browser nothing but what a policy allows', found.relname
      using hint = 'Is there a form that inserts? docs/control-plane.md has the policy for it.';
  end loop;
  for found in
    select tablename, policyname from pg_policies
    where schemaname = 'public' and tablename in ('agency_onboarding_requests', 'provisioning_jobs')
      and permissive = 'PERMISSIVE' and policyname not like 'provisioner\_%'
      and roles && array['public', 'anon', 'authenticated']::name[]
  loop
    raise warning 'the policy "%" of public.% stays, but allows no more than the provisioner''s own: admins read, visitors insert what is not approved and holds nothing that the provisioner fills', found.policyname, found.tablename
      using hint = 'Let servers with a secret key do the rest, or mark admins by app_metadata.role.';
  end loop;
end
$$;

alter table public.agency_onboarding_requests enable row level security;
alter table public.provisioning_jobs enable row level security;

-- Restrictive policies hold against whatever else allows: a request that anybody could approve is no request.
drop policy if exists provisioner_admins_read on public.agency_onboarding_requests;
drop policy if exists provisioner_only_admins_read on public.agency_onboarding_requests;
drop policy if exists provisioner_visitors_only_ask on public.agency_onboarding_requests;
drop policy if exists provisioner_only_servers_update on public.agency_onboarding_requests;
drop policy if exists provisioner_only_servers_delete on public.agency_onboarding_requests;

create policy provisioner_admins_read on public.agency_onboarding_requests
  for select to authenticated
  using ((select auth.jwt()) -> 'app_metadata' ->> 'role' = 'admin');
create policy provisioner_only_admins_read on public.agency_onboarding_requests
  as restrictive for select to anon, authenticated
  using ((select auth.jwt()) -> 'app_metadata' ->> 'role' = 'admin');
create policy provisioner_visitors_only_ask on public.agency_onboarding_requests
  as restrictive for insert to anon, authenticated
  with check (
    coalesce(status::text, 'pending') not in ('approved', 'provisioning', 'deployed', 'failed')
    and slug is null and pull_request_url is null and instance_url is null and supabase_project_id is null
    and vercel_project_id is null and error_message is null
    and provisioning_started_at is null and provisioning_completed_at is null
  );
create policy provisioner_only_servers_update on public.agency_onboarding_requests
  as restrictive for update to anon, authenticated using (false);
create policy provisioner_only_servers_delete on public.agency_onboarding_requests
  as restrictive for delete to anon, authenticated using (false);

drop policy if exists provisioner_admins_read on public.provisioning_jobs;
drop policy if exists provisioner_only_admins_read on public.provisioning_jobs;
drop policy if exists provisioner_only_servers_insert on public.provisioning_jobs;
drop policy if exists provisioner_only_servers_update on public.provisioning_jobs;
drop policy if exists provisioner_only_servers_delete on public.provisioning_jobs;

create policy provisioner_admins_read on public.provisioning_jobs
  for select to authenticated
  using ((select auth.jwt()) -> 'app_metadata' ->> 'role' = 'admin');
create policy provisioner_only_admins_read on public.provisioning_jobs
  as restrictive for select to anon, authenticated
  using ((select auth.jwt()) -> 'app_metadata' ->> 'role' = 'admin');
create policy provisioner_only_servers_insert on public.provisioning_jobs
  as restrictive for insert to anon, authenticated with check (false);
create policy provisioner_only_servers_update on public.provisioning_jobs
  as restrictive for update to anon, authenticated using (false);
create policy provisioner_only_servers_delete on public.provisioning_jobs
  as restrictive for delete to anon, authenticated using (false);

-- New tables carry no grants for the Data API: https://github.com/orgs/supabase/discussions/45329
grant select on public.agency_onboarding_requests, public.provisioning_jobs to authenticated;
grant select, insert, update, delete on public.agency_onboarding_requests, public.provisioning_jobs to service_role;
