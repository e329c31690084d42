-- The bucket `files`. An object is named by files.storage_path, and its row in public.files decides about it: insert the
-- row, then upload the object; remove the object, then delete the row. Tables in storage belong to the platform, which
-- has row-level security on; policies on them are ours to make.

insert into storage.buckets (id, name, public) values ('files', 'files', false) on conflict (id) do nothing;

-- The looks into public.files are under its policies: what a user cannot see there cannot be fetched here.
create policy agency_files_select on storage.objects for select to authenticated using (
  bucket_id = 'files'
  and exists (select from public.files where files.storage_path = objects.name)
);
create policy agency_files_insert on storage.objects for insert to authenticated with check (
  bucket_id = 'files'
  and exists (
    select from public.files where files.storage_path = objects.name and files.created_by = (select auth.uid())
  )
);
create policy agency_files_update on storage.objects for update to authenticated
  using (
    bucket_id = 'files'
    and exists (
      select from public.files where files.storage_path = objects.name and files.created_by = (select auth.uid())
    )
  )
  with check (
    bucket_id = 'files'
    and exists (
      select from public.files where files.storage_path = objects.name and files.created_by = (select auth.uid())
    )
  );
create policy agency_files_delete on storage.objects for delete to authenticated using (
  bucket_id = 'files'
  and exists (
    select from public.files
    where files.storage_path = objects.name
      and (files.created_by = (select auth.uid()) or (select private.is_manager()))
  )
);
