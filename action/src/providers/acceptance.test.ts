import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AgencyCloud, agencyCloud, type MadeOwner } from '../../../tests/support/agency-cloud.ts';
import { type RunOptions, runKind } from '../../../tests/support/vendor-cloud.ts';
import { Secret } from '../lib/secret.ts';
import { type AcceptanceInputs, acceptance } from './acceptance.ts';
import { readOwner } from './supabase/owner-api.ts';
import { hasSignedIn } from './supabase/owner-mark.ts';

let world: AgencyCloud;
let owner: MadeOwner;
let site: Response;
beforeAll(async () => {
  world = await agencyCloud();
}, 120_000);
afterAll(() => world.close());
beforeEach(async () => {
  owner = await world.anOwner();
  site = new Response('welcome');
  await world.forget();
});

const SITE = 'https://agency-acme.vercel.app';

function inputs(over: Partial<AcceptanceInputs> = {}): AcceptanceInputs {
  const { ref, url: supabaseUrl, publishableKey, secretKey } = world;
  const { userId, email, password } = owner;
  return {
    ...{ url: SITE, healthPath: '/health', supabaseUrl, ref, publishableKey, secretKey, userId, email, password },
    ...{ generation: '1', schemaVersion: '20260101000000', deploymentId: 'dpl_1' },
    ...over,
  };
}

/** The site is a stub; everything else is the local cloud. */
function kind() {
  const { instances, http: management, policy } = world;
  const fetch: typeof globalThis.fetch = async (input, init) =>
    String(input).startsWith(SITE) ? site.clone() : (policy.fetch ?? globalThis.fetch)(input, init);
  return acceptance({ instances, management, policy: { ...policy, fetch } });
}

const run = (over: Partial<AcceptanceInputs> = {}, options: RunOptions = {}) =>
  runKind(kind(), inputs(over), { agency: owner.agency, ...options });

const welcome = { generation: '1', at: '2026-01-01T00:00:00Z', id: 'mail-1' };

/** The mail is out, and the owner has chosen another password. */
async function handOver(): Promise<void> {
  await world.setMark(owner.userId, { ...(await world.markOf(owner.userId)), welcome });
  await world
    .instances(world.url, world.secretKey)
    .call('choose a password', ({ auth }) =>
      auth.admin.updateUserById(owner.userId, { password: 'chosen-by-the-owner-1' }),
    );
}

describe('the first acceptance', () => {
  it('gives a receipt for what was looked at', async () => {
    const done = await run();
    expect(done.result).toBe('created');
    expect(done.id).toMatch(/^[0-9a-f]{16}$/);
    expect(done.recorded).toEqual({ id: done.id });
    expect(done.outputs).toEqual({ receipt: done.id });
  });

  it('signs in as the owner, and ends the session', async () => {
    await run();
    const writes = await world.writes();
    expect(writes.filter((write) => write.includes('/token'))).toHaveLength(2);
    expect(writes.filter((write) => write.includes('/logout'))).toHaveLength(1);
    const sessions = await world.sql(world.ref, `select 1 from auth.sessions where user_id = '${owner.userId}'`);
    expect(sessions).toEqual([]);
  });

  it('notes the time of its own sign-in, so that it is not taken for the owner’s', async () => {
    await run();
    await world.setMark(owner.userId, { ...(await world.markOf(owner.userId)), welcome });
    const found = await readOwner(world.instances(world.url, world.secretKey), owner.userId);
    expect(found?.actual.lastSignInAt).toBeDefined();
    expect(found && hasSignedIn(found.actual)).toBe(false);
  });

  it('keeps the rest of the mark, and writes no password into it', async () => {
    const before = await world.markOf(owner.userId);
    await run();
    const after = await world.markOf(owner.userId);
    expect(after).toMatchObject(before);
    expect(JSON.stringify(after)).not.toContain(owner.password.reveal());
  });

  it('looks at nothing again while nothing has changed', async () => {
    const { recorded } = await run();
    await world.forget();
    expect((await run({}, { recorded })).result).toBe('unchanged');
    expect(await world.requests()).toEqual([]);
  });

  it.each([
    ...(['url', 'healthPath', 'publishableKey', 'userId', 'email'] as const),
    ...(['schemaVersion', 'deploymentId', 'generation'] as const),
  ])('is about %s: another one is not accepted yet', async (name) => {
    const accepted = (await run()).recorded;
    const scope = { inputs: inputs({ [name]: 'another' }), recorded: accepted };
    const seen = await kind().identify(scope as unknown as Parameters<ReturnType<typeof kind>['identify']>[0]);
    expect(seen).toEqual({ state: 'absent' });
  });

  it('refuses an owner who cannot sign in with the first password', async () => {
    await expect(run({ password: new Secret('not-the-first-password') })).rejects.toMatchObject({
      message: 'acceptance: the owner cannot sign in with the first password',
      remedy: expect.stringContaining('mail resend'),
    });
    expect(await world.markOf(owner.userId)).not.toHaveProperty('acceptedAt');
  });

  it('refuses an owner who is no admin', async () => {
    await world.sql(world.ref, `update public.users set role = 'client' where id = '${owner.userId}'`);
    await expect(run()).rejects.toThrow('the owner is not an admin in public.users');
  });

  it.each([
    ['has no such table', 'table public.users rename to people', 'table public.people rename to users'],
    ['knows no roles', 'table public.users rename role to rank', 'table public.users rename rank to role'],
  ])('refuses an owner without a profile, where the schema %s', async (_which, spoil, mend) => {
    await world.sql(world.ref, `alter ${spoil}`);
    try {
      await expect(run()).rejects.toMatchObject({
        message: 'acceptance: the owner has no profile in public.users',
        remedy: expect.stringContaining('migrations/agency/README.md'),
        failure: { transient: false },
      });
    } finally {
      await world.sql(world.ref, `alter ${mend}`);
    }
  });

  it('refuses an owner who may not read the own profile', async () => {
    await world.sql(world.ref, 'revoke select on public.users from authenticated');
    try {
      await expect(run()).rejects.toThrow('the owner has no profile in public.users');
    } finally {
      await world.sql(world.ref, 'grant select on public.users to authenticated');
    }
  });

  it('refuses an owner who is gone', async () => {
    const { randomUUID } = await import('node:crypto');
    await expect(run({ userId: randomUUID() })).rejects.toThrow('the owner is gone from Auth');
  });

  it('refuses a site that does not answer, although everything else is well', async () => {
    site = new Response('', { status: 500 });
    await expect(run()).rejects.toThrow(`${SITE}/health does not answer: HTTP 500`);
    expect(await world.markOf(owner.userId)).not.toHaveProperty('acceptedAt');
  });

  it('tells trouble with Auth from a wrong password', async () => {
    const body = { code: 500, msg: 'Database error querying schema' };
    const fault = {
      service: 'project',
      method: 'POST',
      path: '/token',
      count: 'always',
      effect: 'status',
      status: 500,
    };
    await world.fault({ ...fault, body });
    await expect(run()).rejects.toMatchObject({ failure: { status: 500, transient: true } });
    await world.calm();
  });
});

describe('strangers', () => {
  /** What is made by `sql` is gone again before the next test. */
  async function withLeak(sql: string, drop: string, test: () => Promise<void>) {
    await world.sql(world.ref, sql);
    try {
      await test();
    } finally {
      await world.sql(world.ref, drop);
    }
  }

  const leak = 'create table public.leak (x int, y int)';
  const rls = 'alter table public.leak enable row level security';
  const policy = 'create policy all_rows on public.leak for select using (true)';
  const view = 'create view public.peek as select name from public.clients';

  it.each([
    ['an empty table', `${leak}; grant select, insert on public.leak to anon`, 'leak (select, insert)'],
    [
      'a table with rows',
      'create table public.leak as select 1 as x; grant select on public.leak to anon',
      'leak (select)',
    ],
    ['a table behind a policy', `${leak}; ${rls}; ${policy}; grant select on public.leak to anon`, 'leak (select)'],
    ['a table whose rows are all hidden', `${leak}; ${rls}; grant select on public.leak to anon`, 'leak (select)'],
    ['a single column', `${leak}; grant select (y), update (x) on public.leak to anon`, 'leak (select, update)'],
    ['what everybody is granted', `${leak}; grant delete on public.leak to public`, 'leak (delete)'],
    ['a view of a closed table', `${view}; grant select on public.peek to anon`, 'peek (select)'],
    [
      'a view that asks for the reader’s own rights',
      `${view.replace(' as ', ' with (security_invoker) as ')}; grant select on public.peek to anon`,
      'peek (select)',
    ],
    [
      'a materialized view',
      `${view.replace('view', 'materialized view')}; grant select on public.peek to anon`,
      'peek (select)',
    ],
  ])('must not be granted %s, whether or not they see a row today', async (_which, sql, named) => {
    const [name] = named.split(' ');
    const drop = `drop ${sql.includes('materialized') ? 'materialized view' : name === 'peek' ? 'view' : 'table'} public.${name}`;
    await withLeak(sql, drop, async () => {
      await expect(run()).rejects.toMatchObject({
        message: `acceptance: strangers are granted access to public.${named}`,
        remedy: expect.stringContaining(`revoke all on public.${name} from anon, public;`),
        failure: { transient: false },
      });
    });
  });

  it('are told of with everything that they are granted, and kept out by what the remedy says', async () => {
    const other = 'create table public.another_leak (x int); grant insert on public.another_leak to anon, public';
    const both = `${leak}; grant select (x) on public.leak to anon; ${other}`;
    await withLeak(both, 'drop table public.leak, public.another_leak', async () => {
      const refused = await run().catch((thrown: { message: string; remedy: string }) => thrown);
      expect(refused).toMatchObject({
        message: 'acceptance: strangers are granted access to public.another_leak (insert), public.leak (select)',
      });
      const [, revoke = ''] = /“(.+)”/.exec('remedy' in refused ? refused.remedy : '') ?? [];
      await world.sql(world.ref, revoke);
      expect((await run()).result).toBe('created');
    });
  });

  it('are not meant by what those who signed in are granted', async () => {
    const granted = `${leak}; ${rls}; grant select, insert on public.leak to authenticated, service_role`;
    await withLeak(granted, 'drop table public.leak', async () => {
      expect((await run()).result).toBe('created');
    });
  });

  const data = { service: 'project', method: 'GET', path: '/rest/v1/invoices', effect: 'status' };
  const unknown = {
    code: 'PGRST205',
    message: "Could not find the table 'public.invoices' in the schema cache",
  };

  it('are not kept out by a table that the Data API has yet to hear of', async () => {
    await world.fault({ ...data, status: 404, body: unknown, count: 2 });
    expect((await run()).result).toBe('created');

    await world.fault({ ...data, status: 404, body: unknown, count: 'always' });
    await expect(run()).rejects.toMatchObject({
      message: expect.stringContaining('the Data API does not know the table public.invoices'),
      remedy: expect.stringContaining('reload schema'),
      failure: { transient: true },
    });
    await world.calm();
  });

  it.each([
    ['rows', [{ id: 1 }]],
    ['no row yet', []],
  ])('must not be answered by the Data API, whatever the database says: %s', async (_which, body) => {
    await world.fault({ ...data, status: 404, body: unknown, count: 3 });
    await world.fault({ ...data, status: 200, body, count: 'always' });
    await expect(run()).rejects.toMatchObject({
      message: 'acceptance: a stranger reads the table public.invoices',
      remedy: expect.stringContaining('row-level security on public.invoices'),
    });
    await world.calm();
  });

  it('reach no partition by itself, which the Data API never serves', async () => {
    const part = 'create table public.log_2026 partition of public.log for values from (2026) to (2027)';
    await world.sql(world.ref, `create table public.log (year int) partition by range (year); ${part}`);
    await world.fault({ ...data, path: '/rest/v1/log_2026', status: 404, body: unknown, count: 'always' });
    try {
      expect((await run()).result).toBe('created');
    } finally {
      await world.sql(world.ref, 'drop table public.log');
      await world.calm();
    }
  });

  it.each([
    ['a table', { ...data, status: 200, body: { odd: true } }, 'the table public.invoices'],
    [
      'what tables there are',
      { ...data, method: 'POST', service: 'supabase', path: '/query/read-only', status: 201, body: [{}] },
      'the tables in public',
    ],
    ['the profile', { ...data, path: '/rest/v1/users', status: 200, body: [{ role: 5 }] }, 'the owner’s profile'],
  ])('count as let in by nobody where the answer about %s cannot be read', async (_which, fault, what) => {
    await world.fault({ ...fault, count: 'always' });
    await expect(run()).rejects.toMatchObject({
      class: 'provider',
      message: expect.stringContaining(`the answer about ${what} cannot be read`),
      failure: { transient: true },
    });
    await world.calm();
  });

  it('are refused with a key of the same form that is not this instance’s', async () => {
    const body = { code: 400, error_code: 'invalid_credentials', msg: 'Invalid login credentials' };
    const fault = {
      service: 'project',
      method: 'POST',
      path: '/token',
      count: 'always',
      effect: 'status',
      status: 400,
    };
    await handOver();
    await world.fault({ ...fault, body });
    await expect(run()).rejects.toThrow('the instance takes a key that is not its own');
    await world.calm();
  });
});

describe('a later acceptance', () => {
  it('needs no password that the owner chose, and does not sign in', async () => {
    await run();
    await handOver();
    await world.forget();
    const again = await run({ deploymentId: 'dpl_2' });
    expect(again.result).toBe('created');
    expect((await world.writes()).filter((write) => write.includes('/logout'))).toEqual([]);
    expect(await world.signsIn(owner.email, 'chosen-by-the-owner-1')).toBe(true);
  });

  it('does not depend on the address that the manifest names', async () => {
    await handOver();
    const email = `${owner.agency.slug}-moved@acme.example`;
    await world
      .instances(world.url, world.secretKey)
      .call('move', ({ auth }) => auth.admin.updateUserById(owner.userId, { email, email_confirm: true }));
    expect((await run()).result).toBe('created');
  });

  it('still wants an admin', async () => {
    await handOver();
    await world.sql(world.ref, `update public.users set role = 'client' where id = '${owner.userId}'`);
    await expect(run()).rejects.toThrow('the owner is not an admin');
  });

  it('goes by what the owner was mailed where status has forgotten the generation', async () => {
    await world.setMark(owner.userId, {
      ...(await world.markOf(owner.userId)),
      generation: '2',
      welcome: { ...welcome, generation: '2' },
    });
    await world.forget();
    expect((await run({ password: new Secret('first-and-long-dead-1') })).result).toBe('created');
    expect((await world.writes()).filter((write) => write.includes('/logout'))).toEqual([]);
  });

  it('signs in again for a new generation, whose password nobody else has yet', async () => {
    await handOver();
    const password = new Secret('second-first-password-9');
    await world
      .instances(world.url, world.secretKey)
      .call('set', ({ auth }) => auth.admin.updateUserById(owner.userId, { password: password.reveal() }));
    await expect(run({ generation: '2', password: new Secret('some-other-password-1') })).rejects.toThrow(
      'cannot sign in',
    );
    expect((await run({ generation: '2', password })).result).toBe('created');
  });
});
