import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Recorded } from '../../action/src/engine/resource.ts';
import { Secret } from '../../action/src/lib/secret.ts';
import { vercelDeployment } from '../../action/src/providers/vercel/deployment.ts';
import { vercelEnv } from '../../action/src/providers/vercel/env.ts';
import { vercelProject } from '../../action/src/providers/vercel/project.ts';
import { commitOf } from '../../local-cloud/vercel/options.ts';
import { runKind, type VendorCloud, vendorCloud } from '../support/vendor-cloud.ts';

let world: VendorCloud;
beforeEach(async () => {
  world = await vendorCloud();
});
afterEach(() => world.close());

const repository = 'example/agency-app';
type Records = Map<string, Recorded>;

/** The three kinds one after the other, as a run does them; what one of them recorded survives a failure of the next. */
async function provision(records: Records) {
  const project = await keep(records, 'project', (recorded) =>
    runKind(vercelProject(world.vercel), { name: 'agency-acme', uid: 'uid-1' }, { recorded }),
  );
  const variables = { URL: 'https://acme.example', TOKEN: new Secret('canary-token-1') };
  const env = await keep(records, 'env', (recorded) =>
    runKind(vercelEnv(world.vercel), { projectId: project.id, variables }, { recorded }),
  );
  const wish = { projectId: project.id, projectName: 'agency-acme', repository, ref: 'main' };
  const revision = commitOf(repository, 'main');
  return keep(records, 'deployment', (recorded) =>
    runKind(
      vercelDeployment(world.vercel, 'https://{host}'),
      { ...wish, revision, envRevision: String(env.outputs.revision) },
      { recorded },
    ),
  );
}

async function keep<T extends { recorded: Recorded | undefined }>(
  records: Records,
  name: string,
  run: (recorded: Recorded | undefined) => Promise<T>,
): Promise<T> {
  const done = await run(records.get(name));
  if (done.recorded) records.set(name, done.recorded);
  return done;
}

async function calls(): Promise<number> {
  const answer = await world.cloud.fetch(new Request(`${world.cloud.origin}/_cloud/requests`));
  return ((await answer.json()) as unknown[]).length;
}

/** Once a fault is over, one more run has everything right, and everything once. */
async function expectWhole(records: Records) {
  const done = await provision(records);
  const { projects } = (await world.asPerson('GET', '/v10/projects')) as { projects: { id: string }[] };
  expect(projects).toHaveLength(1);
  const path = `/v7/deployments?projectId=${projects[0]?.id}`;
  const { deployments } = (await world.asPerson('GET', path)) as { deployments: { uid: string }[] };
  expect(deployments.map(({ uid }) => uid)).toEqual([done.id]);
  expect(done.outputs.url).toBe('https://agency-acme.vercel.app');
  expect(await world.builtWith(done.id)).toEqual({
    PROVISIONER_OWNER: 'uid-1',
    URL: 'https://acme.example',
    TOKEN: 'canary-token-1',
  });
}

const limited = { error: { code: 'rate_limited', message: 'slow down' } };
const effects = {
  '429 with Retry-After': { effect: 'status', status: 429, body: limited, headers: { 'retry-after': '3' } },
  '429 without': { effect: 'status', status: 429, body: limited },
  '500': { effect: 'status', status: 500, body: {} },
  '502 with a page': { effect: 'status', status: 502, body: '<html>' },
  'a connection lost before': { effect: 'drop-before' },
  'a connection lost after': { effect: 'drop-after-commit' },
  'broken JSON': { effect: 'garbage' },
};

describe('every call of a full create', () => {
  it.each(Object.entries(effects))('answered once with %s, converges', async (_name, fault) => {
    const count = await countCalls();
    for (let nth = 1; nth <= count; nth += 1) {
      await world.fault({ service: 'vercel', nth, ...fault });
      const records: Records = new Map();
      await provision(records).catch((thrown: unknown) => expect(thrown).toMatchObject({ class: 'provider' }));
      await world.calm();
      await expectWhole(records);
      await anew();
    }
  });

  it.each(Object.entries(effects))(
    'answered with %s for good, ends red and converges afterwards',
    async (_name, fault) => {
      const count = await countCalls();
      for (let nth = 1; nth <= count; nth += 1) {
        await world.fault({ service: 'vercel', nth, count: 'always', ...fault });
        const records: Records = new Map();
        await expect(provision(records)).rejects.toMatchObject({ class: 'provider', failure: { transient: true } });
        await world.calm();
        await expectWhole(records);
        await anew();
      }
    },
  );

  it('makes one deployment although its answer is lost and the list does not show it yet', async () => {
    const list = { service: 'vercel', method: 'GET', path: '/v7/deployments' };
    await world.fault({ ...list, count: 5, effect: 'stale', ms: 3_600_000 });
    await world.fault({ service: 'vercel', method: 'POST', path: '/deployments', effect: 'drop-after-commit' });
    const records: Records = new Map();
    await provision(records);
    await expectWhole(records);
  });

  it('is a row of calls long enough to prove something', async () => {
    expect(await countCalls()).toBeGreaterThan(10);
  });
});

async function countCalls(): Promise<number> {
  await provision(new Map());
  const count = await calls();
  await anew();
  return count;
}

async function anew(): Promise<void> {
  await world.close();
  world = await vendorCloud();
}
