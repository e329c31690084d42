import { cpSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openDatabase } from './database.ts';
import { anInstance, bodyOf } from './fixture.ts';
import { type Instance, openInstance } from './instance.ts';
import { ensureTemplate, stampTemplate } from './template.ts';

const dirs: string[] = [];
afterEach(async () => {
  for (const dir of dirs.splice(0)) await rm(dir, { recursive: true, force: true });
});

describe('openInstance', () => {
  it('finds users and sessions again after it was closed', async () => {
    const first = await anInstance('again');
    dirs.push(first.options.dir);
    const credentials = { email: 'ann@acme.example', password: 'a-password' };
    await first.client(first.keys.secret).auth.admin.createUser({ ...credentials, email_confirm: true });
    const { data } = await first.client(first.keys.publishable).auth.signInWithPassword(credentials);
    await first.close();

    const second: Instance = await openInstance(first.options);
    expect(await second.users()).toMatchObject([{ email: 'ann@acme.example' }]);
    const headers = { apikey: first.keys.publishable, authorization: `Bearer ${data.session?.access_token}` };
    const response = await second.fetch(new Request('http://cloud/auth/v1/user', { headers }));
    expect(await bodyOf(response)).toMatchObject({ email: 'ann@acme.example' });
    await second.close();
  });

  it('answers 501 for services that are not there', async () => {
    const instance = await anInstance('storage');
    const headers = { apikey: instance.keys.secret };
    const response = await instance.fetch(new Request('http://cloud/storage/v1/bucket', { headers }));
    expect(response.status).toBe(501);
    await instance.remove();
  });
});

describe('a database whose process was killed', () => {
  it('opens again with everything that was committed', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'killed-'));
    dirs.push(dir);
    await stampTemplate(await ensureTemplate(), join(dir, 'running'));
    const running = await openDatabase(join(dir, 'running'));
    await running.query('create table public.kept (id int); insert into public.kept values (1)');
    // What the disk holds while the process lives is what a killed process leaves behind.
    cpSync(join(dir, 'running'), join(dir, 'killed'), { recursive: true });
    await running.close();
    const reopened = await openDatabase(join(dir, 'killed'));
    expect(await reopened.query('select id from public.kept')).toEqual({ ok: true, rows: [{ id: 1 }] });
    await reopened.close();
  });
});
