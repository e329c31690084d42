import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runKind, type VendorCloud, vendorCloud } from '../../../../tests/support/vendor-cloud.ts';
import { BlockedError } from '../../engine/errors.ts';
import { vercelProject } from './project.ts';

const inputs = { name: 'agency-acme', uid: 'uid-1' };
let world: VendorCloud;
beforeEach(async () => {
  world = await vendorCloud();
});
afterEach(() => world.close());

const kind = () => vercelProject(world.vercel);
const run = (over: Partial<Parameters<typeof runKind>[2]> = {}, wish: object = {}) =>
  runKind(kind(), { ...inputs, ...wish }, over);

async function variablesOf(id: string) {
  const { envs } = (await world.asPerson('GET', `/v10/projects/${id}/env`)) as { envs: Record<string, unknown>[] };
  return envs.map(({ key, value, type, target }) => ({ key, value, type, target }));
}

async function projects() {
  return ((await world.asPerson('GET', '/v10/projects')) as { projects: { id: string; name: string }[] }).projects;
}

async function aForeignProject(over: object = {}) {
  return (await world.asPerson('POST', '/v11/projects', { name: inputs.name, ...over })) as { id: string };
}

const markedBy = (uid: string) => ({
  environmentVariables: [{ key: 'PROVISIONER_OWNER', value: uid, type: 'plain', target: ['production'] }],
});

describe('vercel.project', () => {
  it('creates a project with its mark in the same call, open to visitors, without previews and without Git', async () => {
    const done = await run({}, { framework: 'nextjs', rootDirectory: 'apps/web' });
    expect(done.result).toBe('created');
    expect(await world.writes()).toEqual(['POST /v11/projects']);
    expect(await variablesOf(done.id)).toEqual([
      { key: 'PROVISIONER_OWNER', value: 'uid-1', type: 'plain', target: ['production'] },
    ]);
    expect(await world.asPerson('GET', `/v9/projects/${done.id}`)).toMatchObject({
      name: 'agency-acme',
      framework: 'nextjs',
      rootDirectory: 'apps/web',
      ssoProtection: null,
      previewDeploymentsDisabled: true,
    });
    expect(await world.asPerson('GET', `/v9/projects/${done.id}`)).not.toHaveProperty('link');
  });

  it('hands out id and name, and records the id alone', async () => {
    const done = await run();
    expect(done.outputs).toEqual({ id: done.id, name: 'agency-acme' });
    expect(done.recorded).toEqual({ id: done.id });
  });

  it('changes nothing the second time', async () => {
    const { recorded } = await run();
    await world.forget();
    expect((await run({ recorded })).result).toBe('unchanged');
    expect(await world.writes()).toEqual([]);
  });

  it('recovers by name and mark what it made and could not record', async () => {
    const { id } = await run();
    await world.forget();
    expect(await run()).toMatchObject({ result: 'recovered', id });
    expect(await world.writes()).toEqual([]);
  });

  it('makes one project when the answer to the create is lost', async () => {
    await world.fault({ service: 'vercel', method: 'POST', path: '^/v11/projects$', effect: 'drop-after-commit' });
    const done = await run();
    expect(done.result).toBe('created');
    expect((await projects()).map(({ id }) => id)).toEqual([done.id]);
  });

  it('looks again when the name turns out to be taken by itself', async () => {
    const { id } = await run();
    const hidden = { status: 404, body: { error: { code: 'not_found', message: 'Project not found.' } } };
    await world.fault({ service: 'vercel', method: 'GET', path: '^/v9/projects/', effect: 'status', ...hidden });
    expect(await run()).toMatchObject({ id });
    expect(await projects()).toHaveLength(1);
  });

  it.each([
    ['framework', { framework: 'nextjs' }, { framework: 'astro' }],
    ['rootDirectory', { rootDirectory: 'apps/web' }, { rootDirectory: 'apps/old' }],
    ['previews', { previewDeploymentsDisabled: true }, { previewDeploymentsDisabled: false }],
  ])('repairs %s that somebody changed, and nothing else', async (_name, should, drifted) => {
    const wish = 'previewDeploymentsDisabled' in should ? {} : should;
    const { id, recorded } = await run({}, wish);
    await world.asPerson('PATCH', `/v9/projects/${id}`, { ...drifted, installCommand: 'pnpm i' });
    await world.forget();
    expect((await run({ recorded }, wish)).result).toBe('updated');
    expect(await world.writes()).toEqual([`PATCH /v9/projects/${id}`]);
    expect(await world.asPerson('GET', `/v9/projects/${id}`)).toMatchObject({ ...should, installCommand: 'pnpm i' });
  });

  it('is paused and let go on by its id, each once, and keeps everything else', async () => {
    const { id, recorded } = await run({}, { framework: 'nextjs' });
    const before = await world.asPerson('GET', `/v9/projects/${id}`);
    await world.forget();
    for (const result of ['updated', 'unchanged']) {
      expect((await run({ recorded }, { framework: 'nextjs', paused: true })).result).toBe(result);
    }
    expect(await world.asPerson('GET', `/v9/projects/${id}`)).toMatchObject({ paused: true });
    expect((await run({ recorded }, { framework: 'nextjs' })).result).toBe('updated');
    expect(await world.writes()).toEqual([`POST /v1/projects/${id}/pause`, `POST /v1/projects/${id}/unpause`]);
    const { updatedAt: _, ...after } = (await world.asPerson('GET', `/v9/projects/${id}`)) as Record<string, unknown>;
    expect(before).toMatchObject(after);
  });

  it.each(['drop-before', 'drop-after-commit'])('settles a lost answer to a pause (%s) by looking', async (effect) => {
    const { id, recorded } = await run();
    await world.fault({ service: 'vercel', method: 'POST', path: '/pause$', effect });
    expect((await run({ recorded }, { paused: true })).result).toBe('updated');
    expect(await world.asPerson('GET', `/v9/projects/${id}`)).toMatchObject({ paused: true });
  });

  it('leaves settings alone that nobody wishes for', async () => {
    const { id, recorded } = await run();
    await world.asPerson('PATCH', `/v9/projects/${id}`, { framework: 'astro', rootDirectory: 'x' });
    expect((await run({ recorded })).result).toBe('unchanged');
  });

  it('does not take down a protection that somebody put up, unless a reviewed plan showed it', async () => {
    const { id, recorded } = await run();
    await world.asPerson('PATCH', `/v9/projects/${id}`, { ssoProtection: { deploymentType: 'all' } });
    await world.forget();
    await expect(run({ recorded })).rejects.toThrow('the reviewed plan did not show "lower-protection"');
    expect(await world.writes()).toEqual([]);
    expect((await run({ recorded, permits: [`vercel.project:lower-protection:${id}`] })).result).toBe('updated');
    expect(await world.asPerson('GET', `/v9/projects/${id}`)).toMatchObject({ ssoProtection: null });
  });

  it('leaves a protection that does not stand before the production address', async () => {
    const { id, recorded } = await run();
    await world.asPerson('PATCH', `/v9/projects/${id}`, { ssoProtection: { deploymentType: 'preview' } });
    expect((await run({ recorded })).result).toBe('unchanged');
  });
});

describe('whose a project is', () => {
  it('refuses a project of that name without a mark, and names the way to take it over', async () => {
    const { id } = await aForeignProject();
    await world.forget();
    const error = await run().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(BlockedError);
    expect(error).toMatchObject({
      message: expect.stringContaining('agency-acme does not carry the mark PROVISIONER_OWNER'),
      remedy: expect.stringContaining(`spec.adopt: { vercel.project: ${id} }`),
    });
    expect(await world.writes()).toEqual([]);
  });

  it('takes over what a person allowed by id: mark, name and settings', async () => {
    const { id } = await aForeignProject({ name: 'old-name' });
    await world.forget();
    const done = await run({ adopt: id, permits: [`vercel.project:adopt:${id}`] });
    expect(done).toMatchObject({ result: 'adopted', id, outputs: { id, name: 'agency-acme' } });
    expect(await world.writes()).toEqual([`POST /v10/projects/${id}/env`, `PATCH /v9/projects/${id}`]);
    expect(await variablesOf(id)).toMatchObject([{ key: 'PROVISIONER_OWNER', value: 'uid-1', type: 'plain' }]);
    expect((await run({ recorded: done.recorded, adopt: id })).result).toBe('unchanged');
  });

  it('does not take it over without a review', async () => {
    const { id } = await aForeignProject();
    await world.forget();
    await expect(run({ adopt: id })).rejects.toThrow('the reviewed plan did not show "adopt"');
    expect(await world.writes()).toEqual([]);
  });

  it('never takes over what another agency’s mark is on, whatever is allowed', async () => {
    const { id } = await aForeignProject(markedBy('uid-2'));
    await world.forget();
    const permits = [`vercel.project:adopt:${id}`];
    await expect(run({ adopt: id, permits })).rejects.toThrow('carries the mark of another agency (uid-2)');
    await expect(run({ recorded: { id }, adopt: id, permits })).rejects.toThrow('another agency (uid-2)');
    expect(await world.writes()).toEqual([]);
  });

  it('blocks on a recorded id of another agency and says where to look', async () => {
    const { id } = await aForeignProject({ name: 'agency-other', ...markedBy('uid-2') });
    await world.forget();
    await expect(run({ recorded: { id } })).rejects.toMatchObject({
      class: 'blocked',
      message: expect.stringContaining('another agency (uid-2)'),
      remedy: expect.stringContaining('git history'),
    });
    expect(await world.writes()).toEqual([]);
  });

  it.each([
    ['deleted', (id: string) => world.asPerson('DELETE', `/v9/projects/${id}`), 'is gone'],
    ['renamed', (id: string) => world.asPerson('PATCH', `/v9/projects/${id}`, { name: 'mine' }), 'should be called'],
    ['unmarked', (id: string) => removeMark(id), 'does not carry the mark'],
  ])('blocks on a recorded project that was %s, and creates nothing in its place', async (_how, happen, because) => {
    const { id, recorded } = await run();
    await happen(id);
    await world.forget();
    await expect(run({ recorded })).rejects.toMatchObject({
      class: 'blocked',
      message: expect.stringContaining(because),
    });
    expect(await world.writes()).toEqual([]);
  });

  it('does not mistake an encrypted variable for a mark', async () => {
    const environmentVariables = [
      { key: 'PROVISIONER_OWNER', value: 'uid-1', type: 'encrypted', target: 'production' },
    ];
    await aForeignProject({ environmentVariables });
    await expect(run()).rejects.toThrow('does not carry the mark');
  });
});

async function removeMark(id: string) {
  const { envs } = (await world.asPerson('GET', `/v10/projects/${id}/env`)) as { envs: { id: string }[] };
  await world.asPerson('DELETE', `/v9/projects/${id}/env/${envs[0]?.id}`);
}

describe('vercel.project in numbers', () => {
  it('surveys all projects of the team over several pages', async () => {
    for (let n = 0; n < 120; n += 1) await aForeignProject({ name: `agency-${n}` });
    await world.forget();
    const survey = await kind().survey?.(new AbortController().signal);
    expect(survey?.size).toBe(120);
    expect([...(survey?.values() ?? [])].map(({ name }) => name)).toContain('agency-0');
  });

  it('deletes, and is content when it is gone already', async () => {
    const { id } = await run();
    const scope = {} as Parameters<ReturnType<typeof kind>['delete']>[0];
    await kind().delete(scope, id);
    await kind().delete(scope, id);
    expect(await kind().read(scope, id)).toBeUndefined();
  });

  it('says which variable is wrong when the token is refused', async () => {
    await world.fault({
      service: 'vercel',
      count: 'always',
      effect: 'status',
      status: 403,
      body: { error: { code: 'forbidden', message: 'Not authorized' } },
    });
    await expect(run()).rejects.toMatchObject({ class: 'provider', remedy: expect.stringContaining('VERCEL_TOKEN') });
  });

  it('does not fall back to anything when the plan is exhausted', async () => {
    const body = { error: { code: 'too_many_projects', message: 'You have reached the project limit.' } };
    await world.fault({ service: 'vercel', method: 'POST', count: 'always', effect: 'status', status: 402, body });
    await expect(run()).rejects.toMatchObject({ remedy: expect.stringContaining('Nothing shared is used') });
    expect(await world.writes()).toEqual(['POST /v11/projects']);
  });
});
