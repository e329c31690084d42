import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { aProject, keysOf, type SupabaseCloud, supabaseCloud } from '../../../../tests/support/supabase-cloud.ts';
import { type RunOptions, runKind } from '../../../../tests/support/vendor-cloud.ts';
import { BlockedError, ProviderError } from '../../engine/errors.ts';
import { Secret } from '../../lib/secret.ts';
import type { Instance } from './instance.ts';
import { type OwnerInputs, supabaseOwner } from './owner.ts';
import { deleteOwner, listOwners, readOwner, updateOwner } from './owner-api.ts';
import type { OwnerMark } from './owner-mark.ts';

let cloud: SupabaseCloud;
let ref: string;
let url: string;
let secretKey: Secret;
let publishableKey: string;
let admin: Instance;
beforeAll(async () => {
  cloud = await supabaseCloud({ over: { deadlineMs: 60_000 } });
  ({ ref, url } = await aProject(cloud));
  ({ secretKey, publishableKey } = await keysOf(cloud, ref));
  admin = cloud.instances(url, secretKey);
});
afterAll(() => cloud.close());
beforeEach(async () => {
  await cloud.calm();
  for (const { id } of await listOwners(admin)) await deleteOwner(admin, id);
  await cloud.forget();
});

const password = new Secret('First-Password-1');
const wish = (over: Partial<OwnerInputs> = {}): OwnerInputs => ({
  ref,
  url,
  secretKey,
  email: 'Owner@Acme.example',
  name: 'Acme Owner',
  password,
  generation: '1',
  ...over,
});
const run = (options: RunOptions = {}, over: Partial<OwnerInputs> = {}) =>
  runKind(supabaseOwner(cloud.instances), wish(over), options);

const signIn = (email: string, secret: Secret) =>
  cloud
    .instances(url, publishableKey)
    .call('sign in', ({ auth }) => auth.signInWithPassword({ email, password: secret.reveal() }));
const create = (attributes: object) =>
  admin.call('create user', ({ auth }) => auth.admin.createUser({ password: 'theirs-1234', ...attributes }));
const theOwner = async () => (await listOwners(admin))[0];
const mark = async () => (await theOwner())?.mark;
/** As acceptance and the welcome mail leave it: the mail is out, and our own sign-in is written down. */
async function handOver(id: string): Promise<OwnerMark> {
  await signIn('owner@acme.example', password);
  const seen = await readOwner(admin, id);
  const provisioner = {
    ...(seen?.actual.mark ?? { uid: '' }),
    acceptedAt: seen?.actual.lastSignInAt ?? '',
    welcome: { id: 'mail-1', generation: '1' },
  };
  await updateOwner(admin, id, { app_metadata: { provisioner } });
  return provisioner;
}

async function failureOf(running: Promise<unknown>): Promise<Error> {
  const ended = await running.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(ended instanceof Error)) throw new Error('it succeeded');
  return ended;
}

describe('supabase.owner', () => {
  it('creates a confirmed user with our mark, who can sign in with the given password', async () => {
    const done = await run();
    expect(done).toMatchObject({ result: 'created', outputs: { userId: done.id } });
    expect(await cloud.writes()).toEqual([`POST /${ref}/auth/v1/admin/users`]);
    const { user } = await signIn('owner@acme.example', password);
    expect(user).toMatchObject({
      id: done.id,
      email: 'owner@acme.example',
      user_metadata: { full_name: 'Acme Owner' },
      app_metadata: {
        provisioner: { uid: 'uid-1', role: 'owner', generation: '1', email: 'Owner@Acme.example' },
      },
    });
    expect(done.recorded).toEqual({ id: done.id, ref, email: 'Owner@Acme.example', generation: '1' });
    expect(JSON.stringify([done, done.events])).not.toContain(password.reveal());
  });

  it('changes nothing the second time, recorded or not', async () => {
    const { recorded, id } = await run();
    await cloud.forget();
    expect((await run({ recorded })).result).toBe('unchanged');
    expect(await run()).toMatchObject({ result: 'recovered', id });
    expect(await cloud.writes()).toEqual([]);
  });

  it.each(['drop-after-commit', 'drop-before'])('makes one user when the answer is lost (%s)', async (effect) => {
    await cloud.fault({ service: 'project', method: 'POST', path: '/admin/users', effect });
    const done = await run();
    expect((await listOwners(admin)).map(({ id }) => id)).toEqual([done.id]);
  });

  it('looks again when the address turns out to be taken', async () => {
    await create({
      email: 'owner@acme.example',
      app_metadata: { provisioner: { uid: 'uid-1', role: 'owner', generation: '1' } },
    });
    const body = { users: [], aud: 'authenticated' };
    await cloud.fault({ service: 'project', method: 'GET', path: '/admin/users', effect: 'status', status: 200, body });
    expect((await run()).id).toBe((await theOwner())?.id);
    expect(await listOwners(admin)).toHaveLength(1);
  });

  it('does not take a stranger of the same address for the owner, unless a person says so', async () => {
    const { user } = await create({ email: 'owner@acme.example', email_confirm: true });
    await cloud.forget();
    const error = await failureOf(run());
    expect(error).toBeInstanceOf(BlockedError);
    expect(error.message).toContain('a user that was not made here has the address Owner@Acme.example');
    expect(await cloud.writes()).toEqual([]);

    const id = user?.id ?? '';
    const done = await run({ adopt: id, permits: [`supabase.owner:adopt:${id}`] });
    expect(done).toMatchObject({ result: 'adopted', id });
    expect(await mark()).toMatchObject({ uid: 'uid-1', role: 'owner', generation: '1' });
  });

  it('refuses two users with the mark of one agency', async () => {
    const app_metadata = { provisioner: { uid: 'uid-1' } };
    await create({ email: 'a@acme.example', app_metadata });
    await create({ email: 'b@acme.example', app_metadata });
    expect((await failureOf(run())).message).toContain('2 users carry the mark of this agency');
  });

  it('finds the mark on the last page', async () => {
    await cloud.sql(
      ref,
      `insert into auth.users (id, email, aud, role)
       select gen_random_uuid(), 'u' || n || '@acme.example', 'authenticated', 'authenticated'
       from generate_series(1, 450) n`,
    );
    await create({ email: 'old@acme.example', app_metadata: { provisioner: { uid: 'uid-1', role: 'owner' } } });
    expect((await run()).result).toBe('updated');
    expect(await listOwners(admin)).toHaveLength(451);
    await cloud.sql(ref, "delete from auth.users where email like 'u%'");
  });

  it('is blocked when the recorded owner is gone or lost the mark', async () => {
    const { recorded, id } = await run();
    await updateOwner(admin, id, { app_metadata: { provisioner: { uid: 'uid-2' } } });
    expect((await failureOf(run({ recorded }))).message).toContain('does not carry the mark of this agency');
    await deleteOwner(admin, id);
    const error = await failureOf(run({ recorded }));
    expect(error).toBeInstanceOf(BlockedError);
    expect(error.message).toContain(`the owner ${id} is gone`);
    expect(await listOwners(admin)).toEqual([]);
  });

  it('looks by the mark where the recorded id is one of another database', async () => {
    const former = { id: '3f104741-e7e1-4688-be8d-a44d1a853b48', ref: 'formerdatabaseofacme' };
    const done = await run({ recorded: former });
    expect(done).toMatchObject({ result: 'created', recorded: { id: done.id, ref } });
    expect(await run({ recorded: former })).toMatchObject({ result: 'recovered', id: done.id });
    expect((await failureOf(run({ recorded: { ...former, ref } }))).message).toContain(`${former.id} is gone`);
    expect(await listOwners(admin)).toHaveLength(1);
  });

  it('gives back a lost role and confirms, and keeps what others wrote into the mark', async () => {
    const { recorded, id } = await run();
    const provisioner = { uid: 'uid-1', generation: '1', email: 'Owner@Acme.example', welcome: { id: 'm' } };
    await updateOwner(admin, id, { app_metadata: { provisioner }, ban_duration: '24h' });
    expect((await run({ recorded })).result).toBe('updated');
    expect(await mark()).toEqual({ ...provisioner, role: 'owner' });
    expect((await signIn('owner@acme.example', password)).user.id).toBe(id);
  });

  describe('the first password', () => {
    const second = new Secret('Second-Password-2');
    const anew = { password: second, generation: '2' };

    it('is set anew for a higher generation', async () => {
      const { recorded, id } = await run();
      await handOver(id);
      expect((await run({ recorded }, anew)).result).toBe('updated');
      expect((await signIn('owner@acme.example', second)).user.id).toBe(id);
      expect(await mark()).toMatchObject({ generation: '2', welcome: { id: 'mail-1' } });
      expect((await run({ recorded }, anew)).result).toBe('unchanged');
    });

    it('is never set again for the same generation, whatever the owner chose', async () => {
      const { recorded, id } = await run();
      await updateOwner(admin, id, { password: 'chosen-by-owner-3' });
      expect((await run({ recorded })).result).toBe('unchanged');
      expect((await signIn('owner@acme.example', new Secret('chosen-by-owner-3'))).user.id).toBe(id);
    });

    it('is refused once the owner has signed in', async () => {
      const { recorded, id } = await run();
      await handOver(id);
      await new Promise((resolve) => setTimeout(resolve, 5));
      await signIn('owner@acme.example', password);
      const error = await failureOf(run({ recorded }, anew));
      expect(error).toBeInstanceOf(BlockedError);
      expect(error.message).toContain('the owner has signed in since');
      expect(error).toMatchObject({
        remedy: expect.stringMatching(/^The password is the owner’s now.*takes a wish back/),
      });
      expect((await signIn('owner@acme.example', password)).user.id).toBe(id);
    });
  });

  describe('an account that was somebody’s before', () => {
    const theirs = new Secret('theirs-1234');
    const person = { email: 'owner@acme.example', email_confirm: true };
    const adopt = (id: string) => ({ adopt: id, permits: [`supabase.owner:adopt:${id}`] });

    it('keeps the password that is in use, and counts as handed over', async () => {
      const { user } = await create(person);
      await signIn(person.email, theirs);
      const done = await run(adopt(user?.id ?? ''));
      expect(done.result).toBe('adopted');
      expect((await signIn(person.email, theirs)).user.id).toBe(done.id);
      await expect(signIn(person.email, password)).rejects.toMatchObject({ failure: { code: 'invalid_credentials' } });
      expect(await mark()).toMatchObject({
        ...{ uid: 'uid-1', role: 'owner', generation: '1' },
        welcome: { generation: '1', at: '2026-01-01T00:00:00Z', id: 'kept:uid-1-1' },
      });
      expect((await run({ recorded: done.recorded })).result).toBe('unchanged');
      const error = await failureOf(
        run({ recorded: done.recorded }, { password: new Secret('another-1'), generation: '2' }),
      );
      expect(error.message).toContain('the owner has signed in since');
    });

    it('gets the first password where nobody ever used one', async () => {
      const { user } = await create(person);
      const { id } = await run(adopt(user?.id ?? ''));
      expect((await signIn(person.email, password)).user.id).toBe(id);
      expect(await mark()).not.toHaveProperty('welcome');
    });

    it('keeps it as well where a person gave the mark back by hand', async () => {
      const { id, recorded } = await run();
      await updateOwner(admin, id, {
        password: theirs.reveal(),
        app_metadata: { provisioner: { uid: 'uid-1', role: 'owner' } },
      });
      await signIn(person.email, theirs);
      expect((await run({ recorded })).result).toBe('updated');
      expect((await signIn(person.email, theirs)).user.id).toBe(id);
      expect((await run({ recorded })).result).toBe('unchanged');
    });

    it('takes nothing over that another agency wrote about them', async () => {
      const provisioner = { uid: 'uid-2', generation: '7', welcome: { id: 'mail-of-another' } };
      const { user } = await create({ ...person, app_metadata: { provisioner } });
      const { id } = await run(adopt(user?.id ?? ''));
      expect(await mark()).toEqual({ uid: 'uid-1', role: 'owner', generation: '1', email: 'Owner@Acme.example' });
      expect((await signIn(person.email, password)).user.id).toBe(id);
    });
  });

  describe('the address', () => {
    const moved = { email: 'new@acme.example' };

    it('follows the manifest while nobody has used it', async () => {
      const { recorded, id } = await run();
      const done = await run({ recorded }, moved);
      expect(done).toMatchObject({
        result: 'updated',
        id,
        recorded: { id, ref, email: 'new@acme.example', generation: '1' },
      });
      expect(await theOwner()).toMatchObject({ email: 'new@acme.example', confirmed: true });
      expect((await run({ recorded: done.recorded }, moved)).result).toBe('unchanged');
    });

    it('moves with the password while nobody was mailed', async () => {
      const { recorded, id } = await run();
      await run({ recorded }, moved);
      expect((await signIn('new@acme.example', password)).user.id).toBe(id);
    });

    it('moves without the password that somebody at the former address was mailed', async () => {
      const { recorded, id } = await run();
      await handOver(id);
      const done = await run({ recorded }, moved);
      expect(done.result).toBe('updated');
      await expect(signIn('new@acme.example', password)).rejects.toMatchObject({
        failure: { code: 'invalid_credentials' },
      });
      expect((await mark())?.welcome).toEqual({ id: 'mail-1', generation: '1', to: '' });
      const second = { ...moved, password: new Secret('Second-Password-2'), generation: '2' };
      await run({ recorded: done.recorded }, second);
      expect((await signIn('new@acme.example', second.password)).user.id).toBe(id);
    });

    it('is the owner’s once they changed it: reported, not repaired', async () => {
      const { recorded, id } = await run();
      await handOver(id);
      await updateOwner(admin, id, { email: 'private@home.example' });
      await cloud.forget();
      const done = await run({ recorded });
      expect(done).toMatchObject({ result: 'unchanged', because: expect.stringContaining('private@home.example') });
      expect(await cloud.writes()).toEqual([]);
    });

    it('is the owner’s once they signed in, whatever the manifest says', async () => {
      const { recorded, id } = await run();
      await handOver(id);
      await new Promise((resolve) => setTimeout(resolve, 5));
      await signIn('owner@acme.example', password);
      expect(await run({ recorded }, moved)).toMatchObject({ result: 'unchanged' });
      expect(await theOwner()).toMatchObject({ email: 'owner@acme.example' });
    });
  });

  it('deletes the owner, and finds nothing to delete the second time', async () => {
    const { id } = await run();
    await deleteOwner(admin, id);
    await deleteOwner(admin, id);
    expect(await readOwner(admin, id)).toBeUndefined();
  });

  it('retries the gateway’s bad_jwt', async () => {
    const body = { code: 403, error_code: 'bad_jwt', msg: 'unrecognized JWT kid <nil> for algorithm ES256' };
    const fault = { service: 'project', method: 'GET', path: '/admin/users', effect: 'status', status: 403, body };
    await cloud.fault({ ...fault, count: 2 });
    expect((await run()).result).toBe('created');
  });

  it('has errors with operation, status and code, and none of the keys', async () => {
    const foreign = new Secret('sb_secret_0123456789012345678901_01234567');
    const error = await failureOf(run({}, { secretKey: foreign }));
    expect(error).toBeInstanceOf(ProviderError);
    expect(error).toMatchObject({ failure: { operation: 'list users', status: 401, transient: false } });
    expect(`${error.message}${JSON.stringify(error)}`).not.toContain(foreign.reveal());
  });

  it('treats half an answer to a create as possibly done', async () => {
    await cloud.fault({ service: 'project', method: 'POST', path: '/admin/users', effect: 'garbage' });
    const done = await run();
    expect((await listOwners(admin)).map(({ id }) => id)).toEqual([done.id]);
  });
});
