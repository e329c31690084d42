import { describe, expect, it } from 'vitest';
import { commitOf, instantTiming } from '../options.ts';
import { at, aVercel, type TestVercel, textAt } from '../testing.ts';
import { aProject, app, deploy, finish, look, source, wish } from './fixture.ts';

async function states(vercel: TestVercel, id: string, looks: number): Promise<string[]> {
  const seen: string[] = [];
  for (let n = 0; n < looks; n++) {
    const answer = await look(vercel, id);
    seen.push(`${textAt(answer, 'readyState')} ${textAt(answer, 'aliasAssigned')}`);
  }
  return seen;
}

describe('starting a deployment', () => {
  it('resolves the ref to a commit and answers QUEUED', async () => {
    const vercel = await aProject();
    const answer = await deploy(vercel, { ...wish, meta: { revision: 'r1' } });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      readyState: 'QUEUED',
      status: 'QUEUED',
      aliasAssigned: false,
      alias: [],
      target: 'production',
      gitSource: { type: 'github', org: 'example', repo: 'agency-app', ref: 'v1.4.0', sha: commitOf(app, 'v1.4.0') },
      meta: { githubCommitSha: commitOf(app, 'v1.4.0'), githubCommitRef: 'v1.4.0', revision: 'r1' },
    });
    expect(textAt(answer, 'id')).toMatch(/^dpl_[A-Za-z0-9]{28}$/);
    expect(textAt(answer, 'url')).toMatch(/^app-[a-z0-9]{9}-acme\.vercel\.app$/);
  });

  it('takes the repository by number', async () => {
    const vercel = await aProject({ repositories: { 'o/r': { refs: { main: 'a'.repeat(40) }, repoId: 77 } } });
    const gitSource = { type: 'github', repoId: '77', ref: 'main' };
    const answer = await deploy(vercel, { ...wish, gitSource });
    expect(at(answer, 'gitSource')).toEqual({ type: 'github', repoId: 77, ref: 'main', sha: 'a'.repeat(40) });
  });

  it.each([
    ['repository', { ...source, repo: 'elsewhere' }],
    ['ref', { ...source, ref: 'v9.9.9' }],
    ['inherited name', { ...source, ref: 'constructor' }],
    ['commit', { ...source, sha: 'f'.repeat(40) }],
    ['number', { type: 'github', repoId: 1, ref: 'main' }],
  ])('says for an unknown %s that the branch is missing', async (_what, gitSource) => {
    const answer = await deploy(await aProject(), { ...wish, gitSource });
    expect(answer.status).toBe(400);
    expect(at(answer, 'error.message')).toBe(
      'The provided GitHub repository does not contain the requested branch or commit reference. ' +
        'Please ensure the repository is not empty.',
    );
  });

  it('asks for a confirmation before a first deployment without framework', async () => {
    const vercel = aVercel();
    await vercel.call('POST', '/v11/projects', { name: 'app' });
    const refused = await deploy(vercel);
    expect(refused.status).toBe(400);
    expect(at(refused, 'error.code')).toBe('missing_project_settings');
    expect((await deploy(vercel, wish, 'forceNew=1&skipAutoDetectionConfirmation=1')).status).toBe(200);
    expect((await deploy(vercel)).status).toBe(200);
  });

  it('gives back a similar deployment unless it is forced to make a new one', async () => {
    const vercel = await aProject();
    const first = textAt(await deploy(vercel, wish, 'forceNew=0'), 'id');
    const changed = { ...wish, meta: { revision: 'r2' } };
    expect(textAt(await deploy(vercel, changed, ''), 'id')).toBe(first);
    expect(textAt(await deploy(vercel, { ...wish, gitSource: { ...source, ref: 'main' } }, ''), 'id')).not.toBe(first);
    expect(textAt(await deploy(vercel, changed), 'id')).not.toBe(first);
  });

  it('deploys again what an earlier deployment was made of', async () => {
    const vercel = await aProject();
    const deploymentId = textAt(await deploy(vercel), 'id');
    const again = await deploy(vercel, { name: 'app', target: 'production', deploymentId });
    expect(at(again, 'gitSource.sha')).toBe(commitOf(app, 'v1.4.0'));
    expect(textAt(again, 'id')).not.toBe(deploymentId);
  });

  it.each([
    [{ ...wish, project: 'unknown' }, 404],
    [{ ...wish, gitSource: undefined }, 400],
    [{ ...wish, files: [] }, 400],
    [{ ...wish, target: 'prod' }, 400],
    [{ ...wish, meta: { n: 1 } }, 400],
    [{ ...wish, meta: Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`k${n}`, ''])) }, 400],
  ])('refuses %j', async (body, status) => {
    const vercel = await aProject();
    expect((await deploy(vercel, body)).status).toBe(status);
    expect(at(await vercel.call('GET', '/v7/deployments'), 'deployments')).toEqual([]);
  });
});

describe('the life of a deployment', () => {
  it('follows vendor time, and the alias comes after READY', async () => {
    const vercel = await aProject();
    const id = textAt(await deploy(vercel), 'id');
    const seen: string[] = [];
    for (const wait of [500, 2_000, 10_000, 30_000, 3_000, 500, 500, 2_000]) {
      vercel.clock.advance(wait);
      seen.push(...(await states(vercel, id, 1)));
    }
    expect(seen).toEqual([
      'QUEUED false',
      'INITIALIZING false',
      'BUILDING false',
      'BUILDING false',
      'READY false',
      'READY false',
      'READY false',
      'READY true',
    ]);
    expect((await look(vercel, id)).body).toMatchObject({ alias: ['app.vercel.app'], readySubstate: 'PROMOTED' });
  });

  it('needs several looks even where nothing takes time', async () => {
    const vercel = await aProject({ timing: instantTiming });
    const id = textAt(await deploy(vercel), 'id');
    expect(await states(vercel, id, 5)).toEqual([
      'INITIALIZING false',
      'BUILDING false',
      'READY false',
      'READY false',
      'READY true',
    ]);
  });

  it('finishes without anybody looking', async () => {
    const vercel = await aProject();
    await deploy(vercel);
    expect(vercel.service.site('app.vercel.app').kind).toBe('missing');
    await finish(vercel);
    expect(vercel.service.site('app.vercel.app').kind).toBe('live');
  });

  it('ends in ERROR with a log that names the failure', async () => {
    const vercel = await aProject();
    const id = textAt(await deploy(vercel, { ...wish, gitSource: { ...source, ref: 'broken-build' } }), 'id');
    await finish(vercel);
    expect((await look(vercel, id)).body).toMatchObject({
      readyState: 'ERROR',
      errorCode: 'BUILD_FAILED',
      aliasAssigned: false,
    });
    const tail = await vercel.call('GET', `/v3/deployments/${id}/events?direction=backward&limit=1&builds=1`);
    expect(tail.body).toMatchObject([
      { type: 'stderr', level: 'error', text: 'Error: Command "npm run build" exited with 1' },
    ]);
    expect(vercel.service.site('app.vercel.app').kind).toBe('missing');
  });

  it('is BLOCKED at once when its author may not deploy', async () => {
    const sha = 'b'.repeat(40);
    const vercel = await aProject({ repositories: { [app]: { refs: { main: sha }, blockedShas: [sha] } } });
    const id = textAt(await deploy(vercel, { ...wish, gitSource: { ...source, ref: 'main' } }), 'id');
    expect((await states(vercel, id, 3)).at(-1)).toBe('BLOCKED false');
  });

  it('can be READY and yet fail to get its alias', async () => {
    const sha = 'c'.repeat(40);
    const vercel = await aProject({ repositories: { [app]: { refs: { main: sha }, aliasErrorShas: [sha] } } });
    const id = textAt(await deploy(vercel, { ...wish, gitSource: { ...source, ref: 'main' } }), 'id');
    await finish(vercel);
    const answer = await look(vercel, id);
    expect(answer.body).toMatchObject({
      readyState: 'READY',
      aliasAssigned: false,
      aliasError: { code: 'alias_conflict' },
    });
  });

  it('survives a restart in the middle of the build', async () => {
    const before = await aProject();
    const id = textAt(await deploy(before), 'id');
    before.clock.advance(20_000);
    await look(before, id);
    const after = aVercel({ saved: JSON.parse(JSON.stringify(before.service.save())) }, before.clock);
    expect(await states(after, id, 1)).toEqual(['BUILDING false']);
    after.clock.advance(60_000);
    expect(at(await look(after, id), 'readyState')).toBe('READY');
  });

  it('can be canceled while it is built and not later', async () => {
    const vercel = await aProject();
    const id = textAt(await deploy(vercel), 'id');
    expect(at(await vercel.call('PATCH', `/v12/deployments/${id}/cancel`), 'readyState')).toBe('CANCELED');
    await finish(vercel);
    expect(await states(vercel, id, 1)).toEqual(['CANCELED false']);
    expect((await vercel.call('PATCH', `/v12/deployments/${id}/cancel`)).status).toBe(400);
  });
});

describe('listing deployments', () => {
  it('pages by until without repeating or losing one', async () => {
    const vercel = await aProject();
    const made: string[] = [];
    for (let n = 0; n < 5; n++) made.push(textAt(await deploy(vercel), 'id'));
    const seen: string[] = [];
    let until = '';
    do {
      const page = await vercel.call('GET', `/v7/deployments?limit=2${until}`);
      const found = at(page, 'deployments');
      if (Array.isArray(found)) seen.push(...found.map(({ uid }) => uid));
      const next = at(page, 'pagination.next');
      until = next === null ? '' : `&until=${String(next)}`;
    } while (until !== '');
    expect(seen).toEqual(made.toReversed());
  });

  it('filters by project, target, state and commit, and carries meta', async () => {
    const vercel = await aProject();
    const projectId = textAt(await vercel.call('GET', '/v9/projects/app'), 'id');
    await deploy(vercel, { ...wish, meta: { revision: 'r1' } });
    await deploy(vercel, { name: 'app', gitSource: { ...source, ref: 'main' } });
    const count = async (query: string) => at(await vercel.call('GET', `/v6/deployments?${query}`), 'pagination.count');
    expect(await count(`projectId=${projectId}&target=production`)).toBe(1);
    expect(await count(`projectId=${projectId}&target=preview`)).toBe(1);
    expect(await count('projectId=prj_other')).toBe(0);
    expect(await count('state=READY')).toBe(0);
    expect(await count(`sha=${commitOf(app, 'main')}`)).toBe(1);
    const listed = await vercel.call('GET', '/v7/deployments?target=production');
    expect(at(listed, 'deployments.0')).toMatchObject({ projectId, meta: { revision: 'r1' }, aliasAssigned: false });
  });

  it('hides what is new while the cloud asks for stale lists, but not from who asks by id', async () => {
    const vercel = await aProject();
    const id = textAt(await deploy(vercel), 'id');
    const stale = { 'x-cloud-stale': '5000' };
    const listed = async () =>
      at(await vercel.call('GET', '/v7/deployments', undefined, undefined, stale), 'deployments.length');
    expect(await listed()).toBe(0);
    expect((await look(vercel, id)).status).toBe(200);
    vercel.clock.advance(6_000);
    expect(await listed()).toBe(1);
  });

  it('forgets a deleted one', async () => {
    const vercel = await aProject();
    const id = textAt(await deploy(vercel), 'id');
    expect((await vercel.call('DELETE', `/v13/deployments/${id}`)).body).toEqual({ uid: id, state: 'DELETED' });
    expect((await look(vercel, id)).status).toBe(404);
  });
});
