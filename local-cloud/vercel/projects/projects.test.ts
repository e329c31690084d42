import { describe, expect, it } from 'vitest';
import { at, aVercel, team, textAt } from '../testing.ts';

describe('creating a project', () => {
  it('answers 200 with what the vendor promises', async () => {
    const { call } = aVercel();
    const answer = await call('POST', '/v11/projects', { name: 'ag-acme', framework: 'nextjs', ssoProtection: null });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      accountId: team.id,
      name: 'ag-acme',
      framework: 'nextjs',
      directoryListing: false,
      nodeVersion: '24.x',
      ssoProtection: null,
      alias: [{ domain: 'ag-acme.vercel.app' }],
      targets: {},
      latestDeployments: [],
      resourceConfig: { functionDefaultRegions: ['iad1'] },
      deploymentExpiration: { expirationDays: 30 },
    });
    expect(textAt(answer, 'id')).toMatch(/^prj_[A-Za-z0-9]{28}$/);
    expect(at(answer, 'env')).toBeUndefined();
  });

  it('answers 409 for a name that the team has already, and for no other', async () => {
    const { call } = aVercel();
    await call('POST', '/v11/projects', { name: 'twice' });
    const again = await call('POST', '/v10/projects', { name: 'twice' });
    expect(again.status).toBe(409);
    expect(at(again, 'error.message')).toBe('A project with the provided name already exists.');
    expect((await call('POST', '/v11/projects', { name: 'twice' }, '')).status).toBe(200);
  });

  it.each(['Upper', '-front', 'back-', 'a---b', 'under_score', 'a'.repeat(101), ''])(
    'refuses the name %j',
    async (name) => {
      const { call } = aVercel();
      expect((await call('POST', '/v11/projects', { name })).status).toBe(400);
      expect(at(await call('GET', '/v9/projects'), 'projects')).toEqual([]);
    },
  );

  it.each([
    [{ name: 'a', nodeVersion: '24.x' }, 'should NOT have additional property `nodeVersion`. Please remove it.'],
    [
      { name: 'a', ssoProtection: { deploymentType: 'none' } },
      '`ssoProtection.deploymentType` should be equal to one of the allowed values.',
    ],
    [
      { name: 'a', environmentVariables: [{ key: 'A', value: 'b' }] },
      'missing required property `environmentVariables[0].target`.',
    ],
    [{}, 'missing required property `name`.'],
    [{ name: 7 }, '`name` should be string.'],
  ])('says in the vendor’s words what is wrong with %j', async (body, message) => {
    const { call } = aVercel();
    const answer = await call('POST', '/v11/projects', body);
    expect(answer.status).toBe(400);
    expect(at(answer, 'error.code')).toBe('bad_request');
    expect(at(answer, 'error.message')).toContain(message);
  });

  it('takes variables along, or makes no project', async () => {
    const { call } = aVercel();
    const mark = { key: 'PROVISIONER_OWNER', value: '7c1e4b90', target: 'production', type: 'plain' };
    expect((await call('POST', '/v11/projects', { name: 'marked', environmentVariables: [mark] })).status).toBe(200);
    expect(at(await call('GET', '/v10/projects/marked/env'), 'envs.0')).toMatchObject({
      ...mark,
      target: ['production'],
    });
    const twice = await call('POST', '/v11/projects', { name: 'other', environmentVariables: [mark, mark] });
    expect(at(twice, 'error.code')).toBe('ENV_CONFLICT');
    expect((await call('GET', '/v9/projects/other')).status).toBe(404);
  });

  it('gives a suffix to a host that somebody holds already', async () => {
    const { call } = aVercel({ takenHosts: ['agency.vercel.app'] });
    const first = textAt(await call('POST', '/v11/projects', { name: 'agency' }), 'alias.0.domain');
    expect(first).toMatch(/^agency-[a-z0-9]{9}\.vercel\.app$/);
    await call('POST', '/v11/projects', { name: 'mine' });
    const second = textAt(await call('POST', '/v11/projects', { name: 'mine' }, ''), 'alias.0.domain');
    expect(second).toMatch(/^mine-[a-z0-9]{9}\.vercel\.app$/);
  });

  it('protects deployments unless told otherwise', async () => {
    const { call } = aVercel();
    const answer = await call('POST', '/v11/projects', { name: 'plain' });
    expect(at(answer, 'ssoProtection')).toEqual({ deploymentType: 'all_except_custom_domains' });
  });

  it('links only repositories that Vercel’s GitHub App sees', async () => {
    const { call } = aVercel();
    const known = { type: 'github', repo: 'example/agency-app' };
    expect(at(await call('POST', '/v11/projects', { name: 'a', gitRepository: known }), 'link')).toMatchObject({
      org: 'example',
      repo: 'agency-app',
    });
    const unknown = { ...known, repo: 'example/elsewhere' };
    expect((await call('POST', '/v11/projects', { name: 'b', gitRepository: unknown })).status).toBe(400);
    expect(at(await call('GET', '/v9/projects?repo=example/agency-app'), 'pagination.count')).toBe(1);
  });
});

describe('listing projects', () => {
  it('pages through all of them once, without their variables', async () => {
    const { call } = aVercel();
    const names = Array.from({ length: 7 }, (_, n) => `p${n}`);
    for (const name of names) await call('POST', '/v11/projects', { name });
    const seen: string[] = [];
    let from = '';
    do {
      const page = await call('GET', `/v10/projects?limit=3${from}`);
      const projects = at(page, 'projects');
      if (Array.isArray(projects)) seen.push(...projects.map(({ name }) => name));
      expect(at(page, 'projects.0.env')).toBeUndefined();
      const next = at(page, 'pagination.next');
      from = next === null ? '' : `&from=${String(next)}`;
    } while (from !== '');
    expect(seen).toEqual(names.toReversed());
  });

  it('lists last updated first, and misses what moves between two pages', async () => {
    const { call } = aVercel();
    for (const name of ['old', 'middle', 'new']) await call('POST', '/v11/projects', { name });
    const first = await call('GET', '/v9/projects?limit=1');
    await call('PATCH', '/v9/projects/old', { framework: 'nextjs' });
    const second = await call('GET', `/v9/projects?limit=5&from=${textAt(first, 'pagination.next')}`);
    expect(second.body).toMatchObject({ projects: [{ name: 'middle' }], pagination: { count: 1, next: null } });
    expect(at(await call('GET', '/v9/projects?limit=1'), 'projects.0.name')).toBe('old');
  });

  it('hides what is new while the cloud asks for stale lists, but not from who asks by name', async () => {
    const { call, clock } = aVercel();
    await call('POST', '/v11/projects', { name: 'new' });
    const listed = async () =>
      at(await call('GET', '/v9/projects', undefined, undefined, { 'x-cloud-stale': '5000' }), 'projects.length');
    expect(await listed()).toBe(0);
    expect((await call('GET', '/v9/projects/new')).status).toBe(200);
    clock.advance(6_000);
    expect(await listed()).toBe(1);
  });

  it('searches by name', async () => {
    const { call } = aVercel();
    for (const name of ['ag-one', 'ag-two', 'other']) await call('POST', '/v11/projects', { name });
    expect(at(await call('GET', '/v9/projects?search=ag-'), 'pagination.count')).toBe(2);
  });

  it.each(['limit=101', 'limit=0', 'limit=x', 'from=nonsense', 'env=true'])('refuses %s', async (query) => {
    const { call } = aVercel();
    expect((await call('GET', `/v9/projects?${query}`)).status).toBe(400);
  });
});

describe('changing a project', () => {
  it('renames it, keeps its host, and refuses a name that is taken', async () => {
    const { call } = aVercel();
    await call('POST', '/v11/projects', { name: 'one' });
    await call('POST', '/v11/projects', { name: 'two' });
    expect((await call('PATCH', '/v9/projects/one', { name: 'two' })).status).toBe(409);
    const renamed = await call('PATCH', '/v9/projects/one', {
      name: 'three',
      nodeVersion: '22.x',
      ssoProtection: null,
    });
    expect(renamed.body).toMatchObject({
      name: 'three',
      nodeVersion: '22.x',
      ssoProtection: null,
      alias: [{ domain: 'one.vercel.app' }],
    });
    expect((await call('GET', '/v9/projects/one')).status).toBe(404);
  });

  it.each(['gitRepository', 'environmentVariables'])('does not take %s', async (property) => {
    const { call } = aVercel();
    await call('POST', '/v11/projects', { name: 'one' });
    const answer = await call('PATCH', '/v9/projects/one', { [property]: [] });
    expect(at(answer, 'error.message')).toContain(`should NOT have additional property \`${property}\``);
  });

  it('deletes it for good, with an empty 204', async () => {
    const { call } = aVercel();
    await call('POST', '/v11/projects', { name: 'one' });
    expect(await call('DELETE', '/v9/projects/one')).toEqual({ status: 204, body: undefined });
    expect((await call('DELETE', '/v9/projects/one')).status).toBe(404);
    const again = await call('POST', '/v11/projects', { name: 'one' });
    expect(at(again, 'alias.0.domain')).toBe('one.vercel.app');
  });
});

describe('a restart', () => {
  it('goes on where it was', async () => {
    const before = aVercel();
    const id = textAt(await before.call('POST', '/v11/projects', { name: 'kept' }), 'id');
    const saved: unknown = JSON.parse(JSON.stringify(before.service.save()));
    const after = aVercel({ saved }, before.clock);
    expect(at(await after.call('GET', '/v9/projects/kept'), 'id')).toBe(id);
    const next = textAt(await after.call('POST', '/v11/projects', { name: 'next' }), 'id');
    expect(next).not.toBe(id);
  });

  it('refuses a state that it did not write', () => {
    expect(() => aVercel({ saved: { projects: 'many' } })).toThrow();
  });
});
