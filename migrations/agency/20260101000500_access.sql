-- Who may do what. A table without a line here is closed to everyone but the tables' owner.
--
--                    admin   project_manager  employee                     client
-- users              edit    see all, self    see colleagues, self         see own people, self
-- clients            all     all but delete   see those of own projects    see own
-- projects           all     all but delete   see own                      see own
-- members            all     all              see on own projects          see on own projects
-- tasks              all     all              edit on own projects         see, unless internal
-- files, comments    all     all              on own projects              on own projects, unless internal
-- invoices, lines    all     all (1)          nothing                      see own, once sent
-- activity           see     see              see on own projects          see on own projects, unless internal
--
-- Own projects: an employee's are those it is a member of, a client's are those of its company.
-- (1) Only drafts can be deleted. Files and comments are edited by their author and deleted by author or manager.
--
-- Policies call helpers as (select helper()): Postgres then asks once per statement and not once per row.

-- Helpers read tables past row-level security, since a policy that read its own table would never end. They take no
-- argument from the caller: they speak of auth.uid() only. Whoever has no profile, or is deactivated, has no role.

create function private.role() returns text
language sql
stable
security definer
set search_path = ''
as $$
  select role from public.users where id = (select auth.uid()) and deactivated_at is null
$$;

create function private.is_admin() returns boolean
language sql
stable
security definer
set search_path = ''
as $$
  select coalesce(private.role() = 'admin', false)
$$;

create function private.is_manager() returns boolean
language sql
stable
security definer
set search_path = ''
as $$
  select coalesce(private.role() in ('admin', 'project_manager'), false)
$$;

create function private.is_employee() returns boolean
language sql
stable
security definer
set search_path = ''
as $$
  select coalesce(private.role() = 'employee', false)
$$;

-- The company of a user with the role client; null for everyone else.
create function private.own_company() returns uuid
language sql
stable
security definer
set search_path = ''
as $$
  select client_id
    from public.users
    where id = (select auth.uid()) and role = 'client' and deactivated_at is null
$$;

create function private.own_project_ids() returns setof uuid
language sql
stable
security definer
set search_path = ''
as $$
  select project_id from public.members where user_id = (select auth.uid()) and private.is_employee()
  union all
  select id from public.projects where client_id = (select private.own_company())
$$;

create function private.own_client_ids() returns setof uuid
language sql
stable
security definer
set search_path = ''
as $$
  select client_id from public.projects
    where client_id is not null and id in (select private.own_project_ids())
  union
  select private.own_company()
$$;

-- The agency's people on one's projects.
create function private.own_team_ids() returns setof uuid
language sql
stable
security definer
set search_path = ''
as $$
  select user_id from public.members where project_id in (select private.own_project_ids())
$$;

-- Policies run their functions as the user who asks, so that user needs EXECUTE. The others stay with the triggers.
revoke execute on all functions in schema private from public;
grant execute on function
  private.role(),
  private.is_admin(),
  private.is_manager(),
  private.is_employee(),
  private.own_company(),
  private.own_project_ids(),
  private.own_client_ids(),
  private.own_team_ids()
to authenticated;

-- Grants. Nothing for anon: not even the names of columns can be asked for without signing in.

revoke all on all tables in schema public from anon, authenticated, service_role;

grant select on public.users to authenticated;
-- The account's own columns follow auth.users; the guard says who may write role, client_id and deactivated_at.
grant update (full_name, job_title, phone, role, client_id, deactivated_at) on public.users to authenticated;

grant select, insert, update, delete on
  public.clients,
  public.projects,
  public.tasks,
  public.files,
  public.comments,
  public.invoices,
  public.invoice_line_items
to authenticated;
grant select, insert, delete on public.members to authenticated;
grant select on public.activity to authenticated;

grant select, insert, update, delete on
  public.users,
  public.clients,
  public.projects,
  public.members,
  public.tasks,
  public.files,
  public.comments,
  public.invoices,
  public.invoice_line_items
to service_role;
-- The record is never rewritten; DELETE is there for a retention rule.
grant select, insert, delete on public.activity to service_role;

-- users

create policy users_select on public.users for select to authenticated using (
  id = (select auth.uid())
  or (select private.is_manager())
  or ((select private.is_employee()) and (role <> 'client' or client_id in (select private.own_client_ids())))
  or client_id = (select private.own_company())
  or id in (select private.own_team_ids())
);
create policy users_update on public.users for update to authenticated
  using ((select private.is_admin()) or (id = (select auth.uid()) and (select private.role()) is not null))
  with check ((select private.is_admin()) or (id = (select auth.uid()) and (select private.role()) is not null));

-- clients

create policy clients_select on public.clients for select to authenticated using (
  (select private.is_manager()) or id in (select private.own_client_ids())
);
create policy clients_insert on public.clients for insert to authenticated
  with check ((select private.is_manager()));
create policy clients_update on public.clients for update to authenticated
  using ((select private.is_manager()))
  with check ((select private.is_manager()));
create policy clients_delete on public.clients for delete to authenticated
  using ((select private.is_admin()));

-- projects

create policy projects_select on public.projects for select to authenticated using (
  (select private.is_manager()) or id in (select private.own_project_ids())
);
create policy projects_insert on public.projects for insert to authenticated
  with check ((select private.is_manager()));
create policy projects_update on public.projects for update to authenticated
  using ((select private.is_manager()))
  with check ((select private.is_manager()));
create policy projects_delete on public.projects for delete to authenticated
  using ((select private.is_admin()));

-- members

create policy members_select on public.members for select to authenticated using (
  (select private.is_manager()) or project_id in (select private.own_project_ids())
);
create policy members_insert on public.members for insert to authenticated
  with check ((select private.is_manager()));
create policy members_delete on public.members for delete to authenticated
  using ((select private.is_manager()));

-- tasks

create policy tasks_select on public.tasks for select to authenticated using (
  (select private.is_manager())
  or (
    project_id in (select private.own_project_ids())
    and ((select private.is_employee()) or not is_internal)
  )
);
create policy tasks_insert on public.tasks for insert to authenticated with check (
  (select private.is_manager())
  or ((select private.is_employee()) and project_id in (select private.own_project_ids()))
);
create policy tasks_update on public.tasks for update to authenticated
  using (
    (select private.is_manager())
    or ((select private.is_employee()) and project_id in (select private.own_project_ids()))
  )
  with check (
    (select private.is_manager())
    or ((select private.is_employee()) and project_id in (select private.own_project_ids()))
  );
create policy tasks_delete on public.tasks for delete to authenticated
  using ((select private.is_manager()));

-- files and comments share one rule of sight. The look into tasks is itself under the policies of tasks.

create policy files_select on public.files for select to authenticated using (
  (select private.is_manager())
  or (
    project_id in (select private.own_project_ids())
    and (
      (select private.is_employee())
      or (not is_internal and (task_id is null or exists (select from public.tasks where tasks.id = files.task_id)))
    )
  )
);
create policy files_insert on public.files for insert to authenticated with check (
  (select private.is_manager())
  or (
    project_id in (select private.own_project_ids())
    and (
      (select private.is_employee())
      or (not is_internal and (task_id is null or exists (select from public.tasks where tasks.id = files.task_id)))
    )
  )
);
create policy files_update on public.files for update to authenticated
  using (
    (select private.is_manager())
    or (created_by = (select auth.uid()) and project_id in (select private.own_project_ids()))
  )
  with check (
    (select private.is_manager())
    or (
      project_id in (select private.own_project_ids())
      and (
        (select private.is_employee())
        or (not is_internal and (task_id is null or exists (select from public.tasks where tasks.id = files.task_id)))
      )
    )
  );
create policy files_delete on public.files for delete to authenticated using (
  (select private.is_manager())
  or (created_by = (select auth.uid()) and project_id in (select private.own_project_ids()))
);

create policy comments_select on public.comments for select to authenticated using (
  (select private.is_manager())
  or (
    project_id in (select private.own_project_ids())
    and (
      (select private.is_employee())
      or (not is_internal and (task_id is null or exists (select from public.tasks where tasks.id = comments.task_id)))
    )
  )
);
create policy comments_insert on public.comments for insert to authenticated with check (
  (select private.is_manager())
  or (
    project_id in (select private.own_project_ids())
    and (
      (select private.is_employee())
      or (not is_internal and (task_id is null or exists (select from public.tasks where tasks.id = comments.task_id)))
    )
  )
);
-- Nobody puts words into another's mouth: not even an admin edits a comment it did not write.
create policy comments_update on public.comments for update to authenticated
  using (
    created_by = (select auth.uid())
    and ((select private.is_manager()) or project_id in (select private.own_project_ids()))
  )
  with check (
    created_by = (select auth.uid())
    and (
      (select private.is_manager())
      or (project_id in (select private.own_project_ids()) and ((select private.is_employee()) or not is_internal))
    )
  );
create policy comments_delete on public.comments for delete to authenticated using (
  (select private.is_manager())
  or (created_by = (select auth.uid()) and project_id in (select private.own_project_ids()))
);

-- invoices

create policy invoices_select on public.invoices for select to authenticated using (
  (select private.is_manager()) or (client_id = (select private.own_company()) and status <> 'draft')
);
-- An invoice begins as a draft: it gets its lines, then it is sent.
create policy invoices_insert on public.invoices for insert to authenticated
  with check ((select private.is_manager()) and status = 'draft');
create policy invoices_update on public.invoices for update to authenticated
  using ((select private.is_manager()))
  with check ((select private.is_manager()));
create policy invoices_delete on public.invoices for delete to authenticated
  using ((select private.is_manager()) and status = 'draft');

-- The look into invoices is under the policies of invoices.
create policy invoice_line_items_select on public.invoice_line_items for select to authenticated using (
  (select private.is_manager())
  or exists (select from public.invoices where invoices.id = invoice_line_items.invoice_id)
);
create policy invoice_line_items_insert on public.invoice_line_items for insert to authenticated
  with check ((select private.is_manager()));
create policy invoice_line_items_update on public.invoice_line_items for update to authenticated
  using ((select private.is_manager()))
  with check ((select private.is_manager()));
create policy invoice_line_items_delete on public.invoice_line_items for delete to authenticated
  using ((select private.is_manager()));

-- activity

create policy activity_select on public.activity for select to authenticated using (
  (select private.is_manager())
  or (
    project_id in (select private.own_project_ids())
    and (audience = 'project' or (audience = 'team' and (select private.is_employee())))
  )
);
