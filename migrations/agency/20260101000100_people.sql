-- The agency's clients and everyone who can sign in.

create table public.clients (
  id uuid primary key default gen_random_uuid(),
  name text not null constraint clients_name_length check (char_length(name) between 1 and 200),
  contact_email text,
  phone text,
  website text,
  billing_address text,
  archived_at timestamptz,
  created_by uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
alter table public.clients enable row level security;

-- Rows are made, kept and removed by the triggers on auth.users below. The role decides everything a user may do.
create table public.users (
  id uuid primary key references auth.users (id) on delete cascade,
  email text,
  full_name text not null default '' constraint users_full_name_length check (char_length(full_name) <= 200),
  job_title text,
  phone text,
  role text not null default 'client'
    constraint users_role check (role in ('admin', 'project_manager', 'employee', 'client')),
  client_id uuid references public.clients (id) on delete set null,
  deactivated_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint users_client_id_is_for_clients check (client_id is null or role = 'client')
);
create index users_client_id_idx on public.users (client_id);
alter table public.users enable row level security;

comment on column public.users.role is
  'admin comes from app_metadata only; an admin may set the other three. New users are clients: the least of the four.';
comment on column public.users.client_id is 'The company a user with the role client belongs to; null sees nothing.';
comment on column public.users.deactivated_at is 'From then on the user sees only this row, whatever the role.';

alter table public.clients
  add constraint clients_created_by_fkey foreign key (created_by) references public.users (id) on delete set null;
create index clients_created_by_idx on public.clients (created_by);

-- app_metadata is written by servers that hold a secret key, never by users; user_metadata is theirs and is not asked.
create function private.claimed_role(app_metadata jsonb) returns text
language sql
immutable
set search_path = ''
as $$
  select case
    when app_metadata #>> '{provisioner,role}' = 'owner' then 'admin'
    when app_metadata ->> 'role' in ('admin', 'project_manager', 'employee', 'client') then app_metadata ->> 'role'
  end
$$;

-- A role that stands in app_metadata counts at the moment it is written there, so that later writes to app_metadata
-- (the provisioner keeps its own marks in it) do not undo what an admin decided since. Admin is held all the time.
create function private.profile_from_auth() returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  claimed text := private.claimed_role(new.raw_app_meta_data);
  claimed_before text;
begin
  if tg_op = 'UPDATE' then
    claimed_before := private.claimed_role(old.raw_app_meta_data);
  end if;

  insert into public.users as profile (id, email, full_name, role)
  values (
    new.id,
    new.email,
    left(coalesce(new.raw_user_meta_data ->> 'full_name', new.raw_user_meta_data ->> 'name', ''), 200),
    coalesce(claimed, 'client')
  )
  on conflict (id) do update set
    email = excluded.email,
    role = case
      when claimed = 'admin' or claimed is distinct from claimed_before and claimed is not null then claimed
      when profile.role = 'admin' and claimed is distinct from claimed_before then 'client'
      else profile.role
    end;
  return null;
end
$$;

create trigger make_profile after insert on auth.users
  for each row execute function private.profile_from_auth();
create trigger keep_profile after update of email, raw_app_meta_data on auth.users
  for each row execute function private.profile_from_auth();

-- Whoever could sign in before this file ran.
insert into public.users (id, email, full_name, role)
select
  id,
  email,
  left(coalesce(raw_user_meta_data ->> 'full_name', raw_user_meta_data ->> 'name', ''), 200),
  coalesce(private.claimed_role(raw_app_meta_data), 'client')
from auth.users
on conflict (id) do nothing;

-- The policies let people edit themselves and an admin edit everyone; this says which edits those may be.
create function private.guard_user() returns trigger
language plpgsql
set search_path = ''
as $$
declare
  privileged constant boolean := (old.role, old.client_id, old.deactivated_at)
    is distinct from (new.role, new.client_id, new.deactivated_at);
begin
  if not row_security_active(tg_relid) or not privileged then
    return new;
  end if;
  if old.id = auth.uid() then
    raise exception 'nobody changes their own role, client or activation' using errcode = 'insufficient_privilege';
  end if;
  if not exists (select from public.users where id = auth.uid() and role = 'admin' and deactivated_at is null) then
    raise exception 'only an admin changes role, client or activation' using errcode = 'insufficient_privilege';
  end if;
  if 'admin' in (old.role, new.role) then
    raise exception 'admins are made and unmade through app_metadata only' using errcode = 'insufficient_privilege';
  end if;
  return new;
end
$$;

create function private.settle_user() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if new.role <> 'client' then
    new.client_id := null;
  end if;
  return new;
end
$$;

create trigger guard_user before update on public.users
  for each row execute function private.guard_user();
create trigger settle_user before insert or update on public.users
  for each row execute function private.settle_user();
create trigger touch_updated_at before update on public.users
  for each row execute function private.touch_updated_at();

create trigger stamp_author before insert or update on public.clients
  for each row execute function private.stamp_author();
create trigger touch_updated_at before update on public.clients
  for each row execute function private.touch_updated_at();

revoke execute on all functions in schema private from public;
