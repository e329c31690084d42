import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import type { Cloud } from './cloud.ts';
import { aCloud, member } from './testing.ts';

/** Everything here goes through real sockets of the cloud's port. */
async function rig() {
  const cloud = await aCloud();
  const control = async (method: string, path: string, body?: object): Promise<unknown> => {
    const init = { method, ...(body && { body: JSON.stringify(body) }) };
    return (await fetch(`${cloud.origin}/_cloud${path}`, init)).json();
  };
  const names = async () => {
    const projects: unknown = member(await control('GET', '/state'), 'projects');
    return Array.isArray(projects) ? projects.map((project) => member(project, 'name')) : [];
  };
  const lastRequest = async () => {
    const requests = await control('GET', '/requests');
    return Array.isArray(requests) ? requests.at(-1) : undefined;
  };
  const fault = (effect: object) => control('POST', '/faults', { service: 'supabase', method: 'POST', ...effect });
  return { cloud, control, names, lastRequest, fault, create: (signal?: AbortSignal) => create(cloud, signal) };
}

function create(cloud: Cloud, signal?: AbortSignal): Promise<Response> {
  return fetch(...creation(cloud, signal));
}

function creation(cloud: Cloud, signal?: AbortSignal): [string, RequestInit] {
  const { SUPABASE_API_URL, SUPABASE_ACCESS_TOKEN, SUPABASE_ORG_ID } = cloud.environment();
  const headers = { authorization: `Bearer ${SUPABASE_ACCESS_TOKEN}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ name: 'acme', organization_slug: SUPABASE_ORG_ID, db_pass: 'secret' });
  return [`${SUPABASE_API_URL}/v1/projects`, { method: 'POST', headers, body, ...(signal && { signal }) }];
}

async function causeOf(request: Promise<Response>): Promise<unknown> {
  const error: unknown = await request.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(TypeError);
  return member(error, 'cause');
}

/** A process of its own that creates a project and waits for the answer. */
function creatingChild(cloud: Cloud) {
  const script = `fetch(...${JSON.stringify(creation(cloud))}).then((r) => process.exit(r.status === 201 ? 0 : 1))`;
  return spawn(process.execPath, ['-e', script], { stdio: 'ignore' });
}

const oneHold = async (control: (method: string, path: string) => Promise<unknown>) =>
  vi.waitFor(
    async () => {
      const holds = await control('GET', '/holds');
      expect(holds).toHaveLength(1);
      return Array.isArray(holds) ? holds[0] : undefined;
    },
    { timeout: 10_000, interval: 20 },
  );

describe('status', () => {
  it('answers what it was told, and the vendor did nothing', async () => {
    const { create, fault, names, lastRequest } = await rig();
    await fault({ effect: 'status', status: 429, headers: { 'retry-after': '7' }, body: { message: 'slow down' } });
    const refused = await create();
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '7']);
    expect(await refused.json()).toEqual({ message: 'slow down' });
    expect(await names()).toEqual([]);
    expect(await lastRequest()).toMatchObject({ status: 429, fault: 'status', path: '/v1/projects', method: 'POST' });
    expect((await create()).status).toBe(201);
  });

  it('answers an error over work that was done, when told "after"', async () => {
    const { create, fault, names } = await rig();
    await fault({ effect: 'status', status: 500, when: 'after' });
    expect((await create()).status).toBe(500);
    expect(await names()).toEqual(['acme']);
  });

  it('sends a text as it stands, and no body where HTTP knows none', async () => {
    const { create, fault } = await rig();
    await fault({ effect: 'status', status: 502, body: '<html>Bad Gateway</html>' });
    const gateway = await create();
    expect(gateway.headers.get('content-type')).toContain('text/plain');
    expect(await gateway.text()).toBe('<html>Bad Gateway</html>');
    await fault({ effect: 'status', status: 204 });
    expect(await (await create()).text()).toBe('');
  });
});

describe('garbage', () => {
  it('is a 200 with broken JSON over work that was done', async () => {
    const { create, fault, names } = await rig();
    await fault({ effect: 'garbage' });
    const response = await create();
    expect(response.status).toBe(200);
    await expect(response.json()).rejects.toThrow(SyntaxError);
    expect(await names()).toEqual(['acme']);
  });

  it('is one over nothing, when told "before"', async () => {
    const { create, fault, names } = await rig();
    await fault({ effect: 'garbage', when: 'before' });
    await (await create()).text();
    expect(await names()).toEqual([]);
  });
});

describe('a lost connection', () => {
  it('before the commit leaves nothing behind', async () => {
    const { create, fault, names, lastRequest } = await rig();
    await fault({ effect: 'drop-before' });
    expect(member(await causeOf(create()), 'code')).toMatch(/UND_ERR_SOCKET|ECONNRESET/);
    expect(await names()).toEqual([]);
    expect(await lastRequest()).toMatchObject({ status: 0, fault: 'drop-before' });
  });

  it('after the commit is a reset without a byte, and the work is done', async () => {
    const { create, fault, names } = await rig();
    await fault({ effect: 'drop-after-commit' });
    expect(member(await causeOf(create()), 'code')).toBe('ECONNRESET');
    expect(await names()).toEqual(['acme']);
  });
});

describe('delay', () => {
  it('takes its time before the vendor works', async () => {
    const { create, fault } = await rig();
    await fault({ effect: 'delay', ms: 120 });
    const began = Date.now();
    expect((await create()).status).toBe(201);
    expect(Date.now() - began).toBeGreaterThanOrEqual(115);
  });

  it('lets a vendor finish for a client that gave up', async () => {
    const { create, fault, names } = await rig();
    await fault({ effect: 'delay', ms: 1_500 });
    await expect(create(AbortSignal.timeout(500))).rejects.toThrow('timeout');
    expect(await names()).toEqual([]);
    await vi.waitFor(async () => expect(await names()).toEqual(['acme']), { timeout: 5_000 });
  });

  it('keeps the answer back after the work, when told "after"', async () => {
    const { create, fault, names } = await rig();
    await fault({ effect: 'delay', ms: 60_000, when: 'after' });
    await expect(create(AbortSignal.timeout(500))).rejects.toThrow('timeout');
    expect(await names()).toEqual(['acme']);
  });
});

describe('hold', () => {
  it('keeps a request until it is released', async () => {
    const { create, control, fault, names } = await rig();
    await fault({ effect: 'hold' });
    const answer = create();
    expect(await oneHold(control)).toMatchObject({ service: 'supabase', path: '/v1/projects', when: 'before' });
    expect(await names()).toEqual([]);
    expect(await control('POST', '/release')).toEqual({ released: 1 });
    expect((await answer).status).toBe(201);
  });

  it('before the commit: a client killed there has created nothing, not even after a release', async () => {
    const { cloud, control, fault, names } = await rig();
    await fault({ effect: 'hold', when: 'before' });
    const child = creatingChild(cloud);
    await oneHold(control);
    child.kill('SIGKILL');
    expect((await once(child, 'exit'))[1]).toBe('SIGKILL');
    await vi.waitFor(async () => expect(await control('GET', '/holds')).toEqual([]), { timeout: 5_000 });
    expect(await control('POST', '/release')).toEqual({ released: 0 });
    expect(await names()).toEqual([]);
  });

  it('after the commit: a client killed there has created it', async () => {
    const { cloud, control, fault, names } = await rig();
    await fault({ effect: 'hold', when: 'after' });
    const child = creatingChild(cloud);
    expect(await oneHold(control)).toMatchObject({ when: 'after' });
    expect(await names()).toEqual(['acme']);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await names()).toEqual(['acme']);
  });

  it('does not keep a cloud from closing', async () => {
    const { cloud, control, fault } = await rig();
    await fault({ effect: 'hold' });
    const answer = create(cloud).catch((error: unknown) => error);
    await oneHold(control);
    await cloud.close();
    expect(await answer).toBeInstanceOf(TypeError);
  });
});

describe('stale', () => {
  it('hides what was created in the last milliseconds of vendor time, in lists only', async () => {
    const { cloud, create, control } = await rig();
    const { SUPABASE_API_URL, SUPABASE_ACCESS_TOKEN } = cloud.environment();
    const get = async (path: string, headers = {}): Promise<unknown> =>
      (
        await fetch(SUPABASE_API_URL + path, {
          headers: { authorization: `Bearer ${SUPABASE_ACCESS_TOKEN}`, ...headers },
        })
      ).json();
    const ref = String(member(await (await create()).json(), 'ref'));
    await control('POST', '/faults', {
      service: 'supabase',
      path: '^/v1/projects$',
      method: 'GET',
      effect: 'stale',
      ms: 60_000,
    });
    expect(await get('/v1/projects')).toEqual([]);
    expect(await get('/v1/projects')).toMatchObject([{ ref }]);
    expect(await get('/v1/projects', { 'x-cloud-stale': '60000' })).toMatchObject([{ ref }]);
  });
});

describe('in process', () => {
  it('passes the same faults: a cut rejects as undici does', async () => {
    const { cloud, fault, names } = await rig();
    await fault({ effect: 'drop-after-commit' });
    const lost = cloud.fetch(new Request(...creation(cloud)));
    await expect(lost).rejects.toThrow(new TypeError('fetch failed'));
    expect(member(await causeOf(lost), 'code')).toBe('ECONNRESET');
    expect(await names()).toEqual(['acme']);
  });

  it('gives up with the signal of the request, and a hold before the commit is then gone', async () => {
    const { cloud, control, fault, names } = await rig();
    await fault({ effect: 'hold' });
    const lost = cloud.fetch(new Request(...creation(cloud, AbortSignal.timeout(30))));
    await expect(lost).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(await control('POST', '/release')).toEqual({ released: 0 });
    expect(await names()).toEqual([]);
  });
});

describe('the control room', () => {
  it('names the field of a fault that is wrong', async () => {
    const { cloud } = await rig();
    const post = (body: string) => fetch(`${cloud.origin}/_cloud/faults`, { method: 'POST', body });
    const wrong = await post(JSON.stringify({ effect: 'hold', when: 'during', often: true }));
    expect(wrong.status).toBe(400);
    const problems = member(await wrong.json(), 'problems');
    expect(Array.isArray(problems) && problems.map((problem) => member(problem, 'field'))).toEqual(['when', 'often']);
    expect((await post('no json')).status).toBe(400);
  });

  it('lists faults with what they did and clears them', async () => {
    const { create, control, fault } = await rig();
    await fault({ effect: 'status', status: 503, count: 0 });
    expect((await create()).status).toBe(503);
    expect(await control('GET', '/faults')).toMatchObject([{ matched: 1, fired: 1 }]);
    await control('DELETE', '/faults');
    expect((await create()).status).toBe(201);
  });

  it('logs every request to a vendor in order, and none to itself', async () => {
    const { cloud, create, control } = await rig();
    await create();
    await fetch(`${cloud.origin}/vercel/v9/unknown?teamId=x`);
    expect(await control('GET', '/requests')).toMatchObject([
      { n: 1, service: 'supabase', method: 'POST', path: '/v1/projects', status: 201 },
      { n: 2, service: 'vercel', method: 'GET', path: '/v9/unknown' },
    ]);
    const unknown = await fetch(`${cloud.origin}/_cloud/nonsense`);
    expect(unknown.status).toBe(404);
  });

  it('knows paths that belong to nobody', async () => {
    const { cloud } = await rig();
    expect((await fetch(`${cloud.origin}/supabasex/v1/projects`)).status).toBe(501);
  });
});

describe("a fault's path", () => {
  it.each([
    ['^/auth/v1/admin/users$'],
    ['^/projects/[a-z]{20}/auth/v1'],
    ['^/[a-z]{20}/auth/v1/admin'],
    ['\\?page=2$'],
  ])('may be %s for an instance', async (path) => {
    const { cloud, control } = await rig();
    await control('POST', '/faults', { service: 'project', path, effect: 'status', status: 599 });
    const url = `${cloud.origin}/projects/${'a'.repeat(20)}/auth/v1/admin/users?page=2`;
    expect((await fetch(url)).status).toBe(599);
    expect((await fetch(url)).status).toBe(404);
  });
});
