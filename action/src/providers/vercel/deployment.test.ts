import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commitOf } from '../../../../local-cloud/vercel/options.ts';
import { type RunOptions, runKind, type VendorCloud, vendorCloud } from '../../../../tests/support/vendor-cloud.ts';
import { productionHost, type VercelDeploymentInputs, vercelDeployment } from './deployment.ts';

const repository = 'example/agency-app';
const commit = (ref: string) => commitOf(repository, ref);

let world: VendorCloud;
let projectId: string;
beforeEach(async () => {
  world = await vendorCloud({ vercel: { takenHosts: ['agency-taken.vercel.app'], repositories } });
  projectId = await aProject('agency-acme');
});
afterEach(() => world.close());

const refs = Object.fromEntries(
  ['main', 'v1.0.0', 'v2.0.0', 'broken', 'blocked', 'homeless'].map((ref) => [ref, commit(ref)]),
);
const repositories = {
  [repository]: {
    refs,
    brokenShas: [commit('broken')],
    blockedShas: [commit('blocked')],
    aliasErrorShas: [commit('homeless')],
  },
};

async function aProject(name: string) {
  return ((await world.asPerson('POST', '/v11/projects', { name, ssoProtection: null })) as { id: string }).id;
}

function wish(ref: string, over: Partial<VercelDeploymentInputs> = {}): VercelDeploymentInputs {
  return {
    projectId,
    projectName: 'agency-acme',
    repository,
    ref,
    revision: commit(ref),
    envRevision: 'env-1',
    ...over,
  };
}

const template = 'https://{host}';
const run = (inputs: VercelDeploymentInputs, options: RunOptions = {}) =>
  runKind(vercelDeployment(world.vercel, template), inputs, options);

interface Shown {
  uid: string;
  meta: Record<string, string>;
  target: string;
  state: string;
}

async function deployments(): Promise<Shown[]> {
  const path = `/v7/deployments?projectId=${projectId}`;
  return ((await world.asPerson('GET', path)) as { deployments: Shown[] }).deployments;
}

describe('vercel.deployment', () => {
  it('builds the commit for production, marked with agency, revision and environment', async () => {
    const done = await run(wish('v1.0.0'));
    expect(done.result).toBe('created');
    expect(await deployments()).toMatchObject([
      {
        uid: done.id,
        target: 'production',
        state: 'READY',
        meta: {
          provisioner: 'uid-1',
          appRevision: commit('v1.0.0'),
          envRevision: 'env-1',
          githubCommitSha: commit('v1.0.0'),
        },
      },
    ]);
  });

  it('builds a ref that nobody could resolve as what it stands for now', async () => {
    await run(wish('v1.0.0', { revision: 'v1.0.0' }));
    expect(await deployments()).toMatchObject([{ meta: { appRevision: 'v1.0.0', githubCommitSha: commit('v1.0.0') } }]);
  });

  it('is done when its address is assigned, tells what it waits for, and reads the address from Vercel', async () => {
    const done = await run(wish('v1.0.0'));
    expect(done.outputs).toEqual({
      id: done.id,
      revision: commit('v1.0.0'),
      host: 'agency-acme.vercel.app',
      url: 'https://agency-acme.vercel.app',
    });
    const waits = done.events.flatMap((event) => (event.type === 'waiting' ? [event.on] : []));
    expect(waits).toEqual([
      'the build (initializing)',
      'the build (building)',
      'Vercel to give the finished build the production address',
    ]);
  });

  it('does not invent an address: a taken name has another one', async () => {
    projectId = await aProject('agency-taken');
    const { outputs } = await run(wish('v1.0.0', { projectName: 'agency-taken' }));
    expect(outputs.host).toMatch(/^agency-taken-[a-z0-9]{9}\.vercel\.app$/);
    expect(outputs.url).toBe(`https://${outputs.host}`);
  });

  it('has no address before it serves', async () => {
    const kind = vercelDeployment(world.vercel, template);
    const scope = { inputs: wish('v1.0.0'), agency: { slug: 'acme', uid: 'uid-1' } } as unknown as Scope;
    const made = await kind.create(scope);
    if (!made) throw new Error('nothing was created');
    expect(kind.outputs(scope, made)).toEqual({ id: made.id, revision: commit('v1.0.0') });
  });

  it('changes nothing the second time', async () => {
    const { recorded } = await run(wish('v1.0.0'));
    await world.forget();
    const again = await run(wish('v1.0.0'), { recorded });
    expect(again).toMatchObject({ result: 'unchanged', outputs: { url: 'https://agency-acme.vercel.app' } });
    expect(await world.writes()).toEqual([]);
  });

  it.each([
    ['another revision', wishing('v2.0.0', {})],
    ['another environment', wishing('v1.0.0', { envRevision: 'env-2' })],
  ])('builds anew for %s', async (_what, next) => {
    const { id, recorded } = await run(wish('v1.0.0'));
    const done = await run(next(), { recorded });
    expect(done.result).toBe('created');
    expect(done.id).not.toBe(id);
    expect(await deployments()).toHaveLength(2);
  });

  it('builds anew on the way back to an earlier revision, because the later one serves', async () => {
    const first = await run(wish('v1.0.0'));
    const second = await run(wish('v2.0.0'), { recorded: first.recorded });
    const back = await run(wish('v1.0.0'), { recorded: second.recorded });
    expect(back.result).toBe('created');
    expect(new Set([first.id, second.id, back.id]).size).toBe(3);
  });

  it('makes one deployment when the answer to the create is lost', async () => {
    await world.fault({ service: 'vercel', method: 'POST', path: '^/v13/deployments', effect: 'drop-after-commit' });
    const done = await run(wish('v1.0.0'));
    expect((await deployments()).map(({ uid }) => uid)).toEqual([done.id]);
  });

  it('goes on with the one whose id could not be recorded', async () => {
    const { id } = await run(wish('v1.0.0'));
    await world.forget();
    expect(await run(wish('v1.0.0'), { recorded: { intent: '2026-01-01T00:00:00Z' } })).toMatchObject({ id });
    expect(await world.writes()).toEqual([]);
  });

  it('does not take a recorded id of another agency for its own', async () => {
    const other = await run(wish('v1.0.0'), { agency: { slug: 'other', uid: 'uid-2' } });
    const done = await run(wish('v1.0.0'), { recorded: other.recorded });
    expect(done.result).toBe('created');
    expect(done.id).not.toBe(other.id);
  });

  it('ignores an equal deployment of another project', async () => {
    const first = await run(wish('v1.0.0'));
    projectId = await aProject('agency-moved');
    expect((await run(wish('v1.0.0'), { recorded: first.recorded })).id).not.toBe(first.id);
  });
});

type Scope = Parameters<ReturnType<typeof vercelDeployment>['create']>[0];

/** The project is made only when the test runs. */
function wishing(ref: string, over: Partial<VercelDeploymentInputs>): () => VercelDeploymentInputs {
  return () => wish(ref, over);
}

describe('a deployment that fails', () => {
  it('is told with the end of its build log, and built anew by the next run', async () => {
    const error = await run(wish('broken')).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      class: 'provider',
      message: expect.stringMatching(
        /ended as ERROR: Command "npm run build" exited with 1\n[\s\S]*Type error: Property 'agency'/,
      ),
      remedy: expect.stringContaining('built anew'),
    });
    const [failed] = await deployments();
    await run(wish('broken'), { recorded: { id: failed?.uid ?? '' } }).catch(() => undefined);
    expect(await deployments()).toHaveLength(2);
  });

  it('is told as it is when the author of the commit is not in the team', async () => {
    await expect(run(wish('blocked'))).rejects.toMatchObject({
      message: expect.stringContaining('ended as BLOCKED: Git author must have access'),
      remedy: expect.stringContaining('access to the Vercel team'),
    });
  });

  it('is told when it was canceled', async () => {
    const kind = vercelDeployment(world.vercel, template);
    const scope = { inputs: wish('v1.0.0'), agency: { slug: 'acme', uid: 'uid-1' } } as unknown as Scope;
    const made = await kind.create(scope);
    if (!made) throw new Error('nothing was created');
    await world.asPerson('PATCH', `/v12/deployments/${made.id}/cancel`);
    expect(await kind.ready?.(scope, made)).toMatchObject({
      state: 'failed',
      because: expect.stringContaining('CANCELED'),
    });
  });

  it('is not ready when it is built and got no address', async () => {
    await expect(run(wish('homeless'))).rejects.toMatchObject({
      message: expect.stringContaining('did not get the production address: The alias could not be assigned'),
      remedy: expect.stringContaining('domains'),
    });
  });

  it('names repository, ref and the GitHub App when Vercel cannot see the commit', async () => {
    await expect(run(wish('nowhere'))).rejects.toMatchObject({
      message: expect.stringContaining('does not contain the requested branch'),
      remedy: 'Check that nowhere exists in example/agency-app, and that Vercel’s GitHub App may read that repository.',
    });
    expect(await deployments()).toEqual([]);
  });

  it('leaves the one before serving', async () => {
    const before = await run(wish('v1.0.0'));
    await run(wish('broken'), { recorded: before.recorded }).catch(() => undefined);
    const { targets } = (await world.asPerson('GET', `/v9/projects/${projectId}`)) as {
      targets: { production: { id: string } };
    };
    expect(targets.production.id).toBe(before.id);
  });
});

describe('productionHost', () => {
  it.each([
    [
      'the shortest under vercel.app',
      ['a-team.vercel.app', 'a.vercel.app', 'a-git-main-team.vercel.app'],
      'a.vercel.app',
    ],
    ['not the deployment’s own', ['a-x1.vercel.app', 'a-team-eu.vercel.app'], 'a-team-eu.vercel.app'],
    ['vercel.app before a domain, which may not resolve yet', ['x.example', 'a.vercel.app'], 'a.vercel.app'],
    ['a domain where there is nothing else', ['x.example'], 'x.example'],
    ['nothing where nothing is assigned', [], undefined],
  ])('is %s', (_what, aliases, host) => {
    expect(productionHost({ aliases, ownHost: 'a-x1.vercel.app' })).toBe(host);
  });
});
