import { createClient } from '@supabase/supabase-js';
import { expect } from 'vitest';
import { OWNER, readManifest, readStatus, WRITTEN } from './room.ts';
import { isRead } from './sites.ts';
import type { State, World } from './world.ts';

/**
 * What must hold after every case, however it came about: each thing exists once, the owner signs in with the mailed
 * password, and the manifest says so.
 */
export async function expectHandedOver(world: World): Promise<void> {
  const state = await world.state();
  expectOnce(state);
  await expectRecorded(world, state);
  await expectSchema(world, state);
  await expectSignIn(world, state);
}

function expectOnce({ projects, vercelProjects, deployments, users, mails }: State): void {
  expect(projects, 'Supabase projects').toHaveLength(1);
  expect(vercelProjects, 'Vercel projects').toHaveLength(1);
  expect(deployments, 'deployments').toHaveLength(1);
  expect(users, 'users').toHaveLength(1);
  expect(mails, 'mails').toHaveLength(1);
  expect(projects[0]?.status).toBe('ACTIVE_HEALTHY');
  expect(deployments[0]?.readyState).toBe('READY');
  expect(users[0]?.email).toBe(OWNER);
}

async function expectRecorded({ room }: World, { projects, vercelProjects, deployments, users, mails }: State) {
  const manifest = await readManifest(room);
  expect(manifest.startsWith(WRITTEN), 'what people wrote stands as it stood').toBe(true);
  const status = await readStatus(room);
  const conditions = status?.conditions.map((condition) => [condition.type, condition.status]) ?? [];
  expect(Object.fromEntries(conditions)).toEqual({ Ready: 'True', Notified: 'True' });
  expect(status?.observedSpecDigest).toMatch(/^sha256:/);
  expect(status?.completedAt).toBeDefined();
  const resources = status?.resources ?? {};
  for (const [address, { id, intent }] of Object.entries(resources)) {
    expect([address, intent], 'open intents').toEqual([address, undefined]);
    expect(id, `the id of ${address}`).toBeTruthy();
  }
  const ids = {
    'supabase.project': projects[0]?.ref,
    'supabase.owner': users[0]?.id,
    'vercel.project': vercelProjects[0]?.id,
    'vercel.deployment': deployments[0]?.id,
  };
  expect(Object.fromEntries(Object.keys(ids).map((address) => [address, resources[address]?.id]))).toEqual(ids);
  // A mail whose answer was lost for good is known by its key; its id is nowhere to be had.
  expect([mails[0]?.id, 'sent:k7c1e4b9-1']).toContain(resources['resend.welcome']?.id);
}

const LEDGER = 'select version from supabase_migrations.schema_migrations order by version';
const ADMINS = "select id from public.users where role = 'admin'";

async function expectSchema(world: World, { projects, users }: State): Promise<void> {
  const ref = projects[0]?.ref ?? '';
  const status = await readStatus(world.room);
  const ledger = await sql(world, ref, LEDGER);
  expect(ledger.at(-1)?.version).toBe(status?.outputs.schemaVersion);
  expect(await sql(world, ref, ADMINS)).toEqual([{ id: users[0]?.id }]);
}

async function sql(world: World, ref: string, query: string): Promise<Record<string, unknown>[]> {
  const { SUPABASE_API_URL: api, SUPABASE_ACCESS_TOKEN: token } = world.variables;
  const body = JSON.stringify({ query });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const url = `${api}/v1/projects/${ref}/database/query/read-only`;
  const answer = await world.cloud.fetch(new Request(url, { method: 'POST', headers, body }));
  if (!answer.ok) throw new Error(`${query}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Record<string, unknown>[];
}

/** As the owner does it: with what stands in the mail, at the address that stands in the mail. */
async function expectSignIn(world: World, { projects, mails }: State): Promise<void> {
  const mail = await textOf(world, mails[0]?.id ?? '');
  const site = await fetch(lineOf(mail, 'Address'));
  expect(site.status, 'the mailed address').toBe(200);
  const url = world.variables.SUPABASE_PROJECT_URL?.replace('{ref}', projects[0]?.ref ?? '') ?? '';
  const client = createClient(url, await publishableKey(world, projects[0]?.ref ?? ''), {
    realtime: { transport: class {} as never },
    auth: { persistSession: false, autoRefreshToken: false },
    global: { fetch: (input, init) => world.cloud.fetch(new Request(input, init)) },
  });
  const credentials = { email: lineOf(mail, 'Login'), password: lineOf(mail, 'Temporary password') };
  const { data, error } = await client.auth.signInWithPassword(credentials);
  expect(error, 'signing in with the mailed password').toBeNull();
  expect(data.user?.email).toBe(OWNER);
}

async function textOf(world: World, id: string): Promise<string> {
  const { RESEND_BASE_URL: api, RESEND_API_KEY: key } = world.variables;
  const request = new Request(`${api}/emails/${id}`, { headers: { authorization: `Bearer ${key}` } });
  const mail = (await (await world.cloud.fetch(request)).json()) as { text?: string };
  return mail.text ?? '';
}

function lineOf(mail: string, name: string): string {
  return new RegExp(`^${name}: (.+)$`, 'm').exec(mail)?.[1] ?? '';
}

async function publishableKey(world: World, ref: string): Promise<string> {
  const { SUPABASE_API_URL: api, SUPABASE_ACCESS_TOKEN: token } = world.variables;
  const url = `${api}/v1/projects/${ref}/api-keys?reveal=true`;
  const request = new Request(url, { headers: { authorization: `Bearer ${token}` } });
  const keys = (await (await world.cloud.fetch(request)).json()) as { type: string; api_key: string }[];
  return keys.find(({ type }) => type === 'publishable')?.api_key ?? '';
}

/** `work` may look as much as it likes; nothing that the vendors hold may change by it, nor the manifest. */
export async function expectNoWrites(world: World, work: () => Promise<void>): Promise<void> {
  const seen = (await world.requests()).length;
  const before = await readManifest(world.room);
  await work();
  const acts = (await world.requests()).slice(seen).filter((request) => !isRead(request));
  expect(acts, 'requests that write').toEqual([]);
  expect(await readManifest(world.room)).toBe(before);
}
