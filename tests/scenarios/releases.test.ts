import { setTimeout } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { anAgency } from '../support/agency-manifest.ts';
import { type ControlRoom, openControlRoom } from '../support/control-room.ts';
import { asPerson } from '../support/people.ts';

const acme = anAgency().with({}, { env: { FEATURE_INVOICES: 'off', GREETING: 'hello' } });
let room: ControlRoom;

beforeAll(async () => {
  room = await openControlRoom();
  await room.write(acme);
  const { report, text } = await room.apply();
  expect(report.result, text).toBe('done');
});

const projectId = async () => (await room.status(acme.slug)).resources['vercel.project']?.id ?? '';
const deploymentId = async () => (await room.status(acme.slug)).resources['vercel.deployment']?.id ?? '';
const deployments = () => room.writes().filter((write) => write.includes('/deployments'));

async function variables(): Promise<Record<string, string>> {
  const path = `/v10/projects/${await projectId()}/env`;
  const { envs } = (await asPerson(room, 'vercel', 'GET', path)) as { envs: { key: string; value: string }[] };
  return Object.fromEntries(envs.map(({ key, value }) => [key, value]));
}

/** The deployment that the production address shows. */
async function serving(): Promise<string> {
  const project = await asPerson(room, 'vercel', 'GET', `/v9/projects/${await projectId()}`);
  return (project as { targets: { production: { id: string } } }).targets.production.id;
}

describe('a changed variable', () => {
  const changed = acme.with({}, { env: { FEATURE_INVOICES: 'on', GREETING: 'hello' } });

  it('shows in the plan, which does nothing', async () => {
    await room.write(changed);
    room.forget();
    const { report, text } = await room.plan();
    expect(report.result).toBe('changes');
    const change = report.agencies[0]?.plan?.changes.find(({ address }) => address === 'vercel.env');
    expect(change).toMatchObject({ action: 'update', danger: 'none' });
    expect(change?.differences).toEqual([{ path: 'FEATURE_INVOICES', before: 'another value', after: 'on' }]);
    expect(text).toContain('FEATURE_INVOICES');
    expect(room.writes()).toEqual([]);
  });

  it('is set, alone, and deployed once, while the old deployment serves', async () => {
    const old = await deploymentId();
    const served: string[] = [];
    room.forget();
    room.intercept(async ({ method, to, path }) => {
      if (method === 'GET' && to === 'vercel' && path.startsWith('/v13/deployments/dpl_')) served.push(await serving());
      return undefined;
    });
    const { report, text } = await room.apply();
    room.intercept();
    expect(report.result, text).toBe('done');
    const batches = room.sent().filter(({ method, path }) => method === 'POST' && /\/env(\?|$)/.test(path));
    expect(batches.map(({ body }) => (JSON.parse(body) as { key: string }[]).map(({ key }) => key))).toEqual([
      ['FEATURE_INVOICES'],
    ]);
    expect(deployments()).toEqual(['POST /vercel/v13/deployments']);
    // It is asked again and again while it is built, and the address shows the old one until the last.
    expect(served.slice(0, 3)).toEqual([old, old, old]);
    expect(await deploymentId()).not.toBe(old);
    expect(await serving()).toBe(await deploymentId());
    expect(await variables()).toMatchObject({ FEATURE_INVOICES: 'on', GREETING: 'hello' });
    expect((await room.apply([acme.slug])).report.agencies[0]?.result).toBe('unchanged');
  });
});

describe('a variable that is no longer wished for', () => {
  it('is removed, alone; what other people set stays', async () => {
    const path = `/v10/projects/${await projectId()}/env`;
    await asPerson(room, 'vercel', 'POST', path, {
      key: 'SET_BY_HAND',
      value: 'theirs',
      type: 'plain',
      target: ['production'],
    });
    const before = await variables();
    await room.write(acme.with({}, { env: { FEATURE_INVOICES: 'on' } }));
    room.forget();
    const { report, text } = await room.apply();
    expect(report.result, text).toBe('done');
    const { GREETING: removed, ...rest } = before;
    expect(removed).toBe('hello');
    expect(await variables()).toEqual(rest);
    expect(rest).toMatchObject({ SET_BY_HAND: 'theirs', PROVISIONER_OWNER: acme.uid });
    expect(room.writes().filter((write) => write.includes('/env'))).toEqual([expect.stringMatching(/^DELETE /)]);
    expect(deployments()).toHaveLength(1);
  });
});

describe('another revision of the app', () => {
  it('is deployed after the migrations that come with it, and not before', async () => {
    await room.put('migrations/agency/20990101000000_next.sql', 'create table public.next (id int primary key);\n');
    await room.write(acme.with({}, { env: { FEATURE_INVOICES: 'on' }, app: { ref: 'v1.3.0' } }));
    const old = await deploymentId();
    room.forget();
    const early: string[] = [];
    room.intercept(async ({ path }) => {
      if (!path.endsWith('/database/query')) return undefined;
      // Long enough for a deployment that does not wait to be there.
      await setTimeout(300);
      early.push(...deployments());
      return undefined;
    });
    const { report, text } = await room.apply();
    room.intercept();
    expect(report.result, text).toBe('done');
    expect(early).toEqual([]);
    const acts = room.writes().filter((write) => /database\/query$|deployments$/.test(write));
    expect(acts).toEqual([expect.stringContaining('/database/query'), 'POST /vercel/v13/deployments']);
    expect(await deploymentId()).not.toBe(old);
    const { outputs } = await room.status(acme.slug);
    expect(outputs).toMatchObject({ schemaVersion: '20990101000000' });
    expect(await serving()).toBe(await deploymentId());
  });

  it('keeps the old one serving, and recorded, when its migration fails', async () => {
    const file = 'migrations/agency/20990101000100_broken.sql';
    await room.put(file, 'select no_such_function();\n');
    await room.write(acme.with({}, { env: { FEATURE_INVOICES: 'on' }, app: { ref: 'v1.2.0' } }));
    const before = await serving();
    room.forget();
    expect((await room.apply()).report.result).toBe('failed');
    expect(deployments()).toEqual([]);
    expect([await serving(), await deploymentId()]).toEqual([before, before]);
    await room.remove(file);
  });

  it('keeps the old one serving when the new one does not build', async () => {
    await room.write(acme.with({}, { env: { FEATURE_INVOICES: 'on' }, app: { ref: 'broken-build' } }));
    const before = await serving();
    const { report } = await room.apply();
    expect(report.result).toBe('failed');
    expect(await serving()).toBe(before);
    expect((await room.status(acme.slug)).outputs.instanceUrl).toContain(acme.vercelName);
    await room.write(acme.with({}, { env: { FEATURE_INVOICES: 'on' }, app: { ref: 'v1.3.0' } }));
    const back = await room.apply();
    expect(back.report.result, back.text).toBe('done');
    expect(await serving()).toBe(await deploymentId());
  });
});
