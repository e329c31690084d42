-- What people share on a project, and the record of what happened.

-- The row comes first and decides who may store and fetch the object: see the storage policies.
create table public.files (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references public.projects (id) on delete cascade,
  task_id uuid,
  name text not null constraint files_name_length check (char_length(name) between 1 and 255),
  content_type text,
  size_bytes bigint constraint files_size_bytes check (size_bytes >= 0),
  storage_path text not null generated always as (project_id::text || '/' || id::text) stored
    constraint files_storage_path_key unique,
  is_internal boolean not null default false,
  created_by uuid references public.users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint files_task_of_project foreign key (task_id, project_id)
    references public.tasks (id, project_id) on delete set null (task_id)
);
create index files_project_id_idx on public.files (project_id);
create index files_task_id_project_id_idx on public.files (task_id, project_id);
create index files_created_by_idx on public.files (created_by);
alter table public.files enable row level security;

comment on column public.files.storage_path is
  'The object''s name in the bucket files. Computed, so that no row can point at an object of another project.';
comment on column public.files.is_internal is 'Hidden from clients, as is every file of an internal task.';

create table public.comments (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references public.projects (id) on delete cascade,
  task_id uuid,
  body text not null constraint comments_body_length check (char_length(body) between 1 and 20000),
  is_internal boolean not null default false,
  author_name text not null default '',
  created_by uuid references public.users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint comments_task_of_project foreign key (task_id, project_id)
    references public.tasks (id, project_id) on delete cascade
);
create index comments_project_id_idx on public.comments (project_id, created_at);
create index comments_task_id_project_id_idx on public.comments (task_id, project_id);
create index comments_created_by_idx on public.comments (created_by);
alter table public.comments enable row level security;

comment on column public.comments.task_id is 'Null for a comment on the project itself.';
comment on column public.comments.author_name is 'The name at the time of writing: it outlives the account.';

-- No foreign key to what it tells about: the record outlives it.
create table public.activity (
  id bigint generated always as identity primary key,
  project_id uuid,
  entity text not null,
  entity_id uuid not null,
  label text,
  action text not null constraint activity_action check (action in ('created', 'updated', 'deleted')),
  changes jsonb,
  audience text not null
    constraint activity_audience check (audience in ('project', 'team', 'managers')),
  actor_id uuid references public.users (id) on delete set null,
  actor_name text not null default '',
  created_at timestamptz not null default now()
);
create index activity_project_id_idx on public.activity (project_id, id desc);
create index activity_entity_id_idx on public.activity (entity_id);
create index activity_actor_id_idx on public.activity (actor_id);
alter table public.activity enable row level security;

comment on table public.activity is 'Append-only; written by triggers. API users have SELECT only.';
comment on column public.activity.audience is
  'project: everyone who sees the project; team: its people at the agency; managers: admins and project managers.';
comment on column public.activity.changes is 'Of an update: {column: {from, to}} for the columns that are followed.';

create function private.display_name(user_id uuid) returns text
language sql
stable
security definer
set search_path = ''
as $$
  select coalesce(nullif(full_name, ''), email) from public.users where id = user_id
$$;

create function private.take_author_name() returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  new.author_name := coalesce(private.display_name(new.created_by), new.author_name);
  return new;
end
$$;

-- Whether a row is for the agency's eyes only. A task that is gone counts as internal: nobody can ask it any more.
create function private.is_row_internal(entity text, entry jsonb) returns boolean
language sql
stable
security definer
set search_path = ''
as $$
  select coalesce((entry ->> 'is_internal')::boolean, false)
    or (
      entity <> 'tasks'
      and entry ->> 'task_id' is not null
      and not exists (
        select from public.tasks where id = (entry ->> 'task_id')::uuid and not is_internal
      )
    )
$$;

-- Arguments: the widest audience, then the columns whose changes are worth an entry.
create function private.record_activity() returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  before constant jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
  after constant jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
  entry constant jsonb := coalesce(after, before);
  widest constant text := tg_argv[0];
  -- Before or after: the entry tells both.
  internal constant boolean := private.is_row_internal(tg_table_name, before)
    or private.is_row_internal(tg_table_name, after);
  changed jsonb;
begin
  if tg_op = 'UPDATE' then
    select jsonb_object_agg(name, jsonb_build_object('from', before -> name, 'to', after -> name)) into changed
      from unnest(tg_argv[1:]) as name
      where before -> name is distinct from after -> name;
    if changed is null then
      return null;
    end if;
  end if;

  insert into public.activity (project_id, entity, entity_id, label, action, changes, audience, actor_id, actor_name)
  values (
    case when tg_table_name = 'projects' then entry ->> 'id' else entry ->> 'project_id' end::uuid,
    tg_table_name,
    coalesce(entry ->> 'id', entry ->> 'user_id')::uuid,
    coalesce(
      entry ->> 'title',
      entry ->> 'name',
      entry ->> 'full_name',
      entry ->> 'number',
      private.display_name((entry ->> 'user_id')::uuid)
    ),
    case tg_op when 'INSERT' then 'created' when 'UPDATE' then 'updated' else 'deleted' end,
    changed,
    case when widest = 'project' and internal then 'team' else widest end,
    (select id from public.users where id = auth.uid()),
    coalesce(private.display_name(auth.uid()), '')
  );
  return null;
end
$$;

-- A file keeps its project, and with it its place in storage. A comment keeps its place and its author's name.
create trigger refuse_change before update on public.files
  for each row execute function private.refuse_change('id', 'project_id');
create trigger stamp_author before insert or update on public.files
  for each row execute function private.stamp_author();
create trigger touch_updated_at before update on public.files
  for each row execute function private.touch_updated_at();

create trigger refuse_change before update on public.comments
  for each row execute function private.refuse_change('project_id', 'task_id', 'author_name');
create trigger stamp_author before insert or update on public.comments
  for each row execute function private.stamp_author();
-- After stamp_author: triggers fire in the order of their names.
create trigger take_author_name before insert on public.comments
  for each row execute function private.take_author_name();
create trigger touch_updated_at before update on public.comments
  for each row execute function private.touch_updated_at();

create trigger record_activity after insert or update or delete on public.users
  for each row execute function private.record_activity('managers', 'role', 'client_id', 'deactivated_at');
create trigger record_activity after insert or update or delete on public.clients
  for each row execute function private.record_activity('managers', 'name', 'archived_at');
create trigger record_activity after insert or update or delete on public.projects
  for each row execute function private.record_activity(
    'project', 'name', 'status', 'client_id', 'starts_on', 'due_on'
  );
create trigger record_activity after insert or delete on public.members
  for each row execute function private.record_activity('team');
create trigger record_activity after insert or update or delete on public.tasks
  for each row execute function private.record_activity(
    'project', 'title', 'status', 'priority', 'assignee_id', 'due_on', 'is_internal'
  );
create trigger record_activity after insert or update or delete on public.files
  for each row execute function private.record_activity('project', 'name', 'is_internal');
create trigger record_activity after insert or delete on public.comments
  for each row execute function private.record_activity('project');
create trigger record_activity after insert or update or delete on public.invoices
  for each row execute function private.record_activity('managers', 'status', 'due_on');

revoke execute on all functions in schema private from public;
