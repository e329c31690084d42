-- Projects, who works on them, and what there is to do.

create table public.projects (
  id uuid primary key default gen_random_uuid(),
  client_id uuid references public.clients (id) on delete restrict,
  name text not null constraint projects_name_length check (char_length(name) between 1 and 200),
  description text not null default '',
  status text not null default 'active'
    constraint projects_status check (status in ('planned', 'active', 'on_hold', 'completed', 'cancelled')),
  starts_on date,
  due_on date,
  created_by uuid references public.users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint projects_due_after_start check (due_on >= starts_on),
  -- For invoices: a project's invoice goes to that project's client and to nobody else.
  constraint projects_id_client_id_key unique (id, client_id)
);
create index projects_client_id_idx on public.projects (client_id);
create index projects_created_by_idx on public.projects (created_by);
alter table public.projects enable row level security;

-- The agency's people on a project. Clients are not members: they see projects through users.client_id.
create table public.members (
  project_id uuid not null references public.projects (id) on delete cascade,
  user_id uuid not null references public.users (id) on delete cascade,
  created_by uuid references public.users (id) on delete set null,
  created_at timestamptz not null default now(),
  primary key (project_id, user_id)
);
create index members_user_id_idx on public.members (user_id);
create index members_created_by_idx on public.members (created_by);
alter table public.members enable row level security;

create table public.tasks (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references public.projects (id) on delete cascade,
  title text not null constraint tasks_title_length check (char_length(title) between 1 and 300),
  description text not null default '',
  status text not null default 'todo'
    constraint tasks_status check (status in ('todo', 'in_progress', 'in_review', 'done')),
  priority text not null default 'normal'
    constraint tasks_priority check (priority in ('low', 'normal', 'high', 'urgent')),
  assignee_id uuid references public.users (id) on delete set null,
  due_on date,
  estimate_minutes integer constraint tasks_estimate_minutes check (estimate_minutes > 0),
  position integer not null default 0,
  is_internal boolean not null default false,
  completed_at timestamptz,
  created_by uuid references public.users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- For comments and files: what hangs on a task belongs to the task's project.
  constraint tasks_id_project_id_key unique (id, project_id),
  -- Only people on the project can be given its tasks; leaving the project gives them back.
  constraint tasks_assignee_is_member foreign key (project_id, assignee_id)
    references public.members (project_id, user_id) on delete set null (assignee_id)
);
create index tasks_project_id_assignee_id_idx on public.tasks (project_id, assignee_id);
create index tasks_assignee_id_idx on public.tasks (assignee_id);
create index tasks_created_by_idx on public.tasks (created_by);
alter table public.tasks enable row level security;

comment on column public.tasks.is_internal is 'Hidden from clients, with everything that hangs on the task.';
comment on column public.tasks.completed_at is 'Kept by a trigger: since when the status is done.';

create function private.guard_member() returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  if exists (select from public.users where id = new.user_id and role = 'client') then
    raise exception 'a client is not a member: set users.client_id instead' using errcode = 'check_violation';
  end if;
  return new;
end
$$;

-- Whoever becomes a client leaves the projects they worked on.
create function private.leave_projects() returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  delete from public.members where user_id = new.id;
  return null;
end
$$;

create function private.settle_task() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if new.status <> 'done' then
    new.completed_at := null;
  elsif tg_op = 'INSERT' or old.status <> 'done' then
    new.completed_at := now();
  else
    new.completed_at := old.completed_at;
  end if;
  return new;
end
$$;

create trigger leave_projects after update of role on public.users
  for each row when (new.role = 'client' and old.role <> 'client') execute function private.leave_projects();

create trigger stamp_author before insert or update on public.projects
  for each row execute function private.stamp_author();
create trigger touch_updated_at before update on public.projects
  for each row execute function private.touch_updated_at();

create trigger guard_member before insert or update on public.members
  for each row execute function private.guard_member();
create trigger stamp_author before insert or update on public.members
  for each row execute function private.stamp_author();

-- Moving a task would carry its comments and files to another client.
create trigger refuse_change before update on public.tasks
  for each row execute function private.refuse_change('project_id');
create trigger settle_task before insert or update on public.tasks
  for each row execute function private.settle_task();
create trigger stamp_author before insert or update on public.tasks
  for each row execute function private.stamp_author();
create trigger touch_updated_at before update on public.tasks
  for each row execute function private.touch_updated_at();

revoke execute on all functions in schema private from public;
