import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { createClient } from '@supabase/supabase-js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Cloud, startCloud } from './cloud.ts';
import { exportLine, runCloudCommand } from './command.ts';
import { instantProfile } from './latency.ts';
import { aCloud, member, temporaryFolder } from './testing.ts';

async function call(cloud: Cloud, method: string, path: string, body?: unknown): Promise<Response> {
  return callWith(cloud.environment(), method, path, body);
}

async function callWith(
  environment: Record<string, string>,
  method: string,
  path: string,
  body?: unknown,
): Promise<Response> {
  const headers = {
    authorization: `Bearer ${environment.SUPABASE_ACCESS_TOKEN}`,
    'content-type': 'application/json',
  };
  const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
  return fetch(environment.SUPABASE_API_URL + path, init);
}

async function createProject(environment: Record<string, string>, name: string): Promise<string> {
  const body = { name, organization_slug: environment.SUPABASE_ORG_ID, db_pass: 'x' };
  const response = await callWith(environment, 'POST', '/v1/projects', body);
  expect(response.status).toBe(201);
  return String(member(await response.json(), 'ref'));
}

const stateOf = async (origin: string): Promise<unknown> => (await fetch(`${origin}/_cloud/state`)).json();

describe('a restart', () => {
  it('finds nothing where the cloud was not to be durable', async () => {
    const dir = await temporaryFolder();
    const first = await aCloud({ dir, durable: false });
    await createProject(first.environment(), 'acme');
    expect(await stateOf(first.origin)).toMatchObject({ projects: [{ name: 'acme' }] });
    await first.close();
    const second = await aCloud({ dir });
    expect(await stateOf(second.origin)).toMatchObject({ projects: [] });
  });

  it('finds projects, keys, tokens and vendor time as they were, on another port too', async () => {
    const dir = await temporaryFolder();
    const first = await aCloud({ dir });
    const ref = await createProject(first.environment(), 'acme');
    for (let looks = 0; looks < 4; looks++) await call(first, 'GET', `/v1/projects/${ref}`);
    await call(first, 'PATCH', `/v1/projects/${ref}/config/auth`, { disable_signup: true });
    await first.close();
    const second = await aCloud({ dir, seed: 'ignored' });
    const own = ({
      SUPABASE_ACCESS_TOKEN,
      VERCEL_TOKEN,
      RESEND_API_KEY,
      PROVISIONER_SECRET,
    }: Record<string, string>) => [SUPABASE_ACCESS_TOKEN, VERCEL_TOKEN, RESEND_API_KEY, PROVISIONER_SECRET];
    expect(own(second.environment())).toEqual(own(first.environment()));
    expect(second.environment().SUPABASE_API_URL).toBe(`${second.origin}/supabase`);
    expect(member(await stateOf(second.origin), 'projects')).toMatchObject([{ ref, status: 'ACTIVE_HEALTHY' }]);
    expect(await (await call(second, 'GET', `/v1/projects/${ref}/config/auth`)).json()).toMatchObject({
      disable_signup: true,
    });
    expect(await createProject(second.environment(), 'acme')).not.toBe(ref);
  });

  it('is refused over a folder that holds something else', async () => {
    const dir = await temporaryFolder();
    await writeFile(`${dir}/state.json`, '{"version":2}');
    await expect(startCloud({ dir, port: 0 })).rejects.toThrow('version');
  });
});

describe('the same seed', () => {
  it('gives the same tokens and refs; only the secret that protects passwords is random', async () => {
    const [one, two] = [await aCloud({ seed: 'a' }), await aCloud({ seed: 'a' })];
    expect(one.environment().SUPABASE_ACCESS_TOKEN).toMatch(/^sbp_[0-9a-f]{40}$/);
    expect(two.environment().SUPABASE_ACCESS_TOKEN).toBe(one.environment().SUPABASE_ACCESS_TOKEN);
    expect(await createProject(two.environment(), 'x')).toBe(await createProject(one.environment(), 'x'));
    expect(two.environment().PROVISIONER_SECRET).not.toBe(one.environment().PROVISIONER_SECRET);
    const other = await aCloud({ seed: 'b' });
    expect(other.environment().SUPABASE_ACCESS_TOKEN).not.toBe(one.environment().SUPABASE_ACCESS_TOKEN);
  });
});

describe('time and limits', () => {
  it('makes a call take its vendor time, scaled', async () => {
    const calls = [{ service: 'supabase', method: 'POST', path: /^\/v1\/projects$/, ms: 3_000 }];
    const cloud = await aCloud({ speed: 20, profile: { ...instantProfile, calls } });
    const began = Date.now();
    await createProject(cloud.environment(), 'slow');
    expect(Date.now() - began).toBeGreaterThanOrEqual(145);
    expect(cloud.environment().PROVISIONER_TIME_SCALE).toBe('0.05');
  });

  it("carries the vendor's headers and ends in its 429, unless the limits are off", async () => {
    const limited = await aCloud();
    const first = await call(limited, 'GET', '/v1/organizations');
    expect(first.headers.get('x-ratelimit-remaining')).toBe('119');
    for (let n = 0; n < 119; n++) await (await call(limited, 'GET', '/v1/organizations')).text();
    expect((await call(limited, 'GET', '/v1/organizations')).status).toBe(429);
    const free = await aCloud({ rateLimits: false });
    expect((await call(free, 'GET', '/v1/organizations')).headers.get('x-ratelimit-remaining')).toBeNull();
  });
});

it('works without a port', async () => {
  const cloud = await aCloud({ port: 'none' });
  const { SUPABASE_API_URL, SUPABASE_ACCESS_TOKEN } = cloud.environment();
  const headers = { authorization: `Bearer ${SUPABASE_ACCESS_TOKEN}` };
  const response = await cloud.fetch(new Request(`${SUPABASE_API_URL}/v1/projects`, { headers }));
  expect([response.status, await response.json()]).toEqual([200, []]);
});

it('refuses a port that is taken', async () => {
  const cloud = await aCloud();
  const port = Number(new URL(cloud.origin).port);
  await expect(startCloud({ dir: await temporaryFolder(), port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

describe('the command', () => {
  it('prints what points everything at the cloud, then that it is ready, and ends when told', async () => {
    const end = new AbortController();
    const lines: string[] = [];
    let ready = (): void => undefined;
    const isReady = new Promise<void>((resolve) => {
      ready = resolve;
    });
    const write = (line: string): void => {
      lines.push(line);
      if (line === '# ready') ready();
    };
    const options = { dir: await temporaryFolder(), port: 0, speed: 4 };
    const running = runCloudCommand(options, { write, signal: end.signal });
    await isReady;
    const names = lines.filter((line) => line.startsWith('export ')).map((line) => /^export (\w+)='/.exec(line)?.[1]);
    expect(names).toEqual([
      'SUPABASE_ACCESS_TOKEN',
      'SUPABASE_ORG_ID',
      'SUPABASE_API_URL',
      'SUPABASE_PROJECT_URL',
      'VERCEL_TOKEN',
      'VERCEL_TEAM_ID',
      'VERCEL_API_URL',
      'INSTANCE_URL',
      'RESEND_API_KEY',
      'RESEND_BASE_URL',
      'GITHUB_TOKEN',
      'GITHUB_API_URL',
      'PROVISIONER_SECRET',
      'PROVISIONER_TIME_SCALE',
    ]);
    expect(lines.at(-1)).toBe('# ready');
    expect(lines).toContain("export PROVISIONER_TIME_SCALE='0.25'");
    end.abort();
    await running;
  });

  it('quotes values so that a shell reads them back', () => {
    expect(exportLine('A', `it's {ref} $HOME`)).toBe(`export A='it'\\''s {ref} $HOME'`);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('ends cleanly with %s', async (signal) => {
    const { child } = await aCommand(await temporaryFolder());
    child.kill(signal);
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('has lost nothing that was answered when it is killed', async () => {
    const dir = await temporaryFolder();
    const first = await aCommand(dir);
    const refs = await Promise.all(['a', 'b', 'c', 'd'].map((name) => createProject(first.environment, name)));
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');
    const second = await aCloud({ dir });
    const projects = member(await stateOf(second.origin), 'projects');
    expect(Array.isArray(projects) && projects.map((project) => member(project, 'ref'))).toEqual(refs);
  });
});

/** The command in a process of its own, once it is ready. */
async function aCommand(dir: string) {
  const options = JSON.stringify({ dir, port: 0, profile: 'none' });
  const script = `import { runCloudCommand } from './local-cloud/command.ts'; await runCloudCommand(${options});`;
  const args = ['--import', 'tsx', '--input-type=module', '-e', script];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const environment: Record<string, string> = {};
  for await (const line of createInterface({ input: child.stdout })) {
    const [, name = '', value = ''] = /^export (\w+)='(.*)'$/.exec(line) ?? [];
    if (name !== '') environment[name] = value;
    if (line === '# ready') break;
  }
  return { child, environment };
}

describe('everything together', () => {
  it('is a real database, a real sign-in, and pages to look at', async () => {
    const cloud = await startCloud({ dir: await temporaryFolder(), port: 0, profile: 'none', seed: 'smoke' });
    onTestFinished(() => cloud.close());
    const ref = await createProject(cloud.environment(), 'acme');
    for (let looks = 0; looks < 6; looks++) await call(cloud, 'GET', `/v1/projects/${ref}/health?services=auth`);
    const query = (sql: string) => call(cloud, 'POST', `/v1/projects/${ref}/database/query`, { query: sql });
    expect(await (await query('select 6 * 7 as answer, current_user::text as who')).json()).toEqual([
      { answer: 42, who: 'postgres' },
    ]);
    expect((await query('select * from nowhere')).status).toBe(400);
    for (let reads = 0; reads < 2; reads++) await call(cloud, 'GET', `/v1/projects/${ref}/api-keys`);
    const keys: unknown = await (await call(cloud, 'GET', `/v1/projects/${ref}/api-keys?reveal=true`)).json();
    const secret = Array.isArray(keys) ? String(member(keys[3], 'api_key')) : '';
    const url = String(cloud.environment().SUPABASE_PROJECT_URL).replace('{ref}', ref);
    const client = createClient(url, secret, {
      auth: { persistSession: false, autoRefreshToken: false },
      realtime: { transport: class {} as never },
    });
    const owner = { email: 'owner@acme.example', password: 'correct horse battery', email_confirm: true };
    expect((await client.auth.admin.createUser(owner)).error).toBeNull();
    expect((await client.auth.signInWithPassword(owner)).data.user?.email).toBe(owner.email);
    expect(await stateOf(cloud.origin)).toMatchObject({
      projects: [
        { ref, name: 'acme', status: 'ACTIVE_HEALTHY', postgresUrl: expect.stringContaining('postgresql://') },
      ],
      users: [{ ref, email: owner.email }],
      vercelProjects: [],
      mails: [],
    });
    const landing = await fetch(`${cloud.origin}/`);
    expect(await landing.text()).toContain(ref);
    expect((await fetch(`${cloud.origin}/inbox`)).status).toBe(200);
    expect((await fetch(`${cloud.origin}/sites/nobody.vercel.app/`)).status).toBe(404);
  }, 120_000);
});
