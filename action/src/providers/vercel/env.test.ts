import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aKeyring } from '../../../../tests/support/hands.ts';
import { type RunOptions, runKind, type VendorCloud, vendorCloud } from '../../../../tests/support/vendor-cloud.ts';
import { keyring } from '../../lib/keyring.ts';
import { Secret } from '../../lib/secret.ts';
import { vercelEnv } from './env.ts';

let world: VendorCloud;
let projectId: string;
beforeEach(async () => {
  world = await vendorCloud();
  projectId = await aProject('agency-acme', 'uid-1');
});
afterEach(() => world.close());

async function aProject(name: string, uid: string) {
  const mark = { key: 'PROVISIONER_OWNER', value: uid, type: 'plain', target: ['production'] };
  const body = { name, environmentVariables: [mark] };
  return ((await world.asPerson('POST', '/v11/projects', body)) as { id: string }).id;
}

const token = new Secret('canary-token-1');
const variables = { APP_URL: 'https://acme.example', TOKEN: token };
const run = (wish: Record<string, string | Secret> = variables, options: RunOptions = {}) =>
  runKind(vercelEnv(world.vercel), { projectId, variables: wish }, options);

interface Shown {
  id: string;
  key: string;
  value: string;
  type: string;
  target: string[];
}

async function shown(): Promise<Shown[]> {
  const { envs } = (await world.asPerson('GET', `/v10/projects/${projectId}/env`)) as { envs: Shown[] };
  return envs;
}

const put = (body: object) => world.asPerson('POST', `/v10/projects/${projectId}/env?upsert=true`, body);

/** What a deployment made now would be built with: the only way to see a sensitive value. */
async function built(): Promise<Record<string, string>> {
  const gitSource = { type: 'github', org: 'example', repo: 'agency-app', ref: 'main' };
  const body = { name: 'x', project: projectId, target: 'production', gitSource };
  const { id } = (await world.asPerson(
    'POST',
    '/v13/deployments?forceNew=1&skipAutoDetectionConfirmation=1',
    body,
  )) as {
    id: string;
  };
  return world.builtWith(id);
}

describe('vercel.env', () => {
  it('sets text as plain and secrets as sensitive, for production alone, in one call', async () => {
    await world.forget();
    expect((await run()).result).toBe('created');
    expect(await world.writes()).toEqual([`POST /v10/projects/${projectId}/env`]);
    expect((await shown()).map(({ key, value, type, target }) => ({ key, value, type, target }))).toEqual([
      { key: 'PROVISIONER_OWNER', value: 'uid-1', type: 'plain', target: ['production'] },
      { key: 'APP_URL', value: 'https://acme.example', type: 'plain', target: ['production'] },
      { key: 'TOKEN', value: '', type: 'sensitive', target: ['production'] },
    ]);
    expect(await built()).toMatchObject({ APP_URL: 'https://acme.example', TOKEN: 'canary-token-1' });
  });

  it('changes nothing the second time', async () => {
    const { recorded } = await run();
    await world.forget();
    const again = await run(variables, { recorded });
    expect(again.result).toBe('unchanged');
    expect(again.recorded).toEqual(recorded);
    expect(await world.writes()).toEqual([]);
  });

  it('records a fingerprint of what cannot be read back, and no value of a secret', async () => {
    const { recorded } = await run();
    expect(Object.keys(recorded ?? {}).toSorted()).toEqual(['fingerprint.TOKEN', 'id', 'keys', 'plain', 'revision']);
    expect(recorded).toMatchObject({ id: projectId, keys: 'APP_URL,TOKEN' });
    expect(recorded?.['fingerprint.TOKEN']).toMatch(new RegExp(`^${aKeyring().keyId}:[0-9a-f]{32}$`));
    expect(JSON.stringify(recorded)).not.toContain('canary-token-1');
  });

  it('has another fingerprint for the same value in another agency and under another key', async () => {
    const one = (await run({ A: token, B: token })).recorded;
    projectId = await aProject('agency-other', 'uid-2');
    const other = (await run({ A: token }, { agency: { slug: 'other', uid: 'uid-2' } })).recorded;
    const prints = [one?.['fingerprint.A'], one?.['fingerprint.B'], other?.['fingerprint.A']];
    expect(new Set(prints).size).toBe(3);
  });

  it('writes a changed text and leaves the rest', async () => {
    const { recorded } = await run();
    const token = (await shown()).find(({ key }) => key === 'TOKEN');
    const next = await run({ ...variables, APP_URL: 'https://new.example' }, { recorded });
    expect(next.result).toBe('updated');
    expect(next.outputs.revision).not.toBe(recorded?.revision);
    const after = await shown();
    expect(after.find(({ key }) => key === 'APP_URL')?.value).toBe('https://new.example');
    expect(after.find(({ key }) => key === 'TOKEN')).toEqual(token);
  });

  it('writes a changed secret once, although it cannot see what it wrote', async () => {
    const { recorded } = await run();
    await world.forget();
    const next = await run({ ...variables, TOKEN: new Secret('canary-token-2') }, { recorded });
    expect(next.result).toBe('updated');
    expect(await world.writes()).toEqual([`POST /v10/projects/${projectId}/env`]);
    expect(next.outputs.revision).not.toBe(recorded?.revision);
    expect(await built()).toMatchObject({ TOKEN: 'canary-token-2' });
  });

  it.each([
    ['another value', { key: 'APP_URL', value: 'https://evil.example', type: 'plain' }],
    ['an encrypted one', { key: 'APP_URL', value: 'https://acme.example', type: 'encrypted' }],
    ['a secret in the clear', { key: 'TOKEN', value: 'canary-token-1', type: 'plain' }],
  ])('puts right %s that somebody set, under the revision it had', async (_what, drifted) => {
    const { recorded } = await run();
    await put({ ...drifted, target: ['production'] });
    const again = await run(variables, { recorded });
    expect(again).toMatchObject({ result: 'updated', outputs: { revision: recorded?.revision } });
    const types = Object.fromEntries((await shown()).map(({ key, type }) => [key, type]));
    expect(types).toMatchObject({ APP_URL: 'plain', TOKEN: 'sensitive' });
    expect(await built()).toMatchObject({ APP_URL: 'https://acme.example', TOKEN: 'canary-token-1' });
  });

  it('removes what was ours and is wished no more, and nothing of other people', async () => {
    const { recorded } = await run({ ...variables, OLD: 'x' });
    await put({ key: 'THEIRS', value: 'y', type: 'plain', target: ['production'] });
    const again = await run(variables, { recorded });
    expect(again.result).toBe('updated');
    expect((await shown()).map(({ key }) => key).toSorted()).toEqual([
      'APP_URL',
      'PROVISIONER_OWNER',
      'THEIRS',
      'TOKEN',
    ]);
    expect(again.outputs.revision).not.toBe(recorded?.revision);
  });

  it('never touches the mark, whatever is wished or recorded', async () => {
    const { recorded } = await run({ PROVISIONER_OWNER: 'uid-2', APP_URL: 'x' });
    await run({ APP_URL: 'x' }, { recorded: { ...recorded, keys: 'APP_URL,PROVISIONER_OWNER' } });
    expect((await shown()).find(({ key }) => key === 'PROVISIONER_OWNER')?.value).toBe('uid-1');
  });

  it('looks at production alone: the same key for previews is somebody else’s', async () => {
    await put({ key: 'APP_URL', value: 'preview', type: 'plain', target: ['preview'] });
    await run();
    expect((await shown()).filter(({ key }) => key === 'APP_URL').map(({ value }) => value)).toEqual([
      'preview',
      'https://acme.example',
    ]);
  });

  it('converges when nothing was recorded, to the revision it would have had', async () => {
    const { outputs } = await run();
    const again = await run();
    expect(again.outputs).toEqual(outputs);
    expect((await run(variables, { recorded: again.recorded })).result).toBe('unchanged');
  });

  it('writes again when the answer to a write was lost', async () => {
    const { recorded } = await run();
    await world.forget();
    await world.fault({
      service: 'vercel',
      method: 'POST',
      path: '/env$',
      count: 'always',
      effect: 'drop-after-commit',
    });
    const failed = run({ ...variables, TOKEN: new Secret('canary-token-2') }, { recorded });
    await expect(failed).rejects.toMatchObject({ class: 'provider' });
    await world.calm();
    const next = await run({ ...variables, TOKEN: new Secret('canary-token-2') }, { recorded });
    expect(next.result).toBe('updated');
    expect(await built()).toMatchObject({ TOKEN: 'canary-token-2' });
  });

  it('is red when a part of the batch was not taken, and names the key and not the value', async () => {
    await put({ key: 'APP_URL', value: 'x', type: 'plain', target: ['production', 'preview'] });
    const error = await run().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      class: 'provider',
      failure: { code: 'ENV_CONFLICT', transient: false, ambiguous: false },
      message: expect.stringContaining('APP_URL'),
      remedy: expect.stringContaining('remove it in Vercel'),
    });
    expect(JSON.stringify([error, (error as Error).message])).not.toMatch(/canary|acme\.example/);
  });

  it('waits while another write to the same project is under way', async () => {
    const body = {
      error: { code: 'bad_request', message: "couldn't be changed because an update is already happening." },
    };
    await world.fault({ service: 'vercel', method: 'POST', path: '/env$', effect: 'status', status: 400, body });
    expect((await run()).result).toBe('created');
  });

  it('deletes what is ours and nothing else, and is content when it is gone already', async () => {
    const { recorded } = await run();
    await put({ key: 'THEIRS', value: 'y', type: 'plain', target: ['production'] });
    const kind = vercelEnv(world.vercel);
    const scope = { inputs: { projectId, variables: {} }, recorded } as unknown as Parameters<typeof kind.delete>[0];
    await kind.delete(scope, projectId);
    await kind.delete(scope, projectId);
    expect((await shown()).map(({ key }) => key)).toEqual(['PROVISIONER_OWNER', 'THEIRS']);
  });
});

describe('rotating the provisioner’s secret', () => {
  const previous = new Secret('the-previous-provisioner-secret-00');
  const before = keyring(previous);
  const during = keyring(new Secret('the-next-provisioner-secret-000000'), previous);

  it('rewrites fingerprints, keeps the revision, and writes nothing at Vercel', async () => {
    const { recorded } = await run(variables, { keyring: before });
    await world.forget();
    const rotated = await run(variables, { recorded, keyring: during });
    expect(rotated).toMatchObject({ result: 'unchanged', outputs: { revision: recorded?.revision } });
    expect(rotated.recorded).toMatchObject({ revision: recorded?.revision });
    expect(during.isCurrent(rotated.recorded?.['fingerprint.TOKEN'] ?? '')).toBe(true);
    expect(await world.writes()).toEqual([]);
    const later = await run(variables, { recorded: rotated.recorded, keyring: during });
    expect(later.recorded).toEqual(rotated.recorded);
  });

  it('writes the secret anew when the key of its fingerprint is lost', async () => {
    const { recorded } = await run(variables, { keyring: before });
    await world.forget();
    const stranger = keyring(new Secret('a-provisioner-secret-from-nowhere'));
    expect((await run(variables, { recorded, keyring: stranger })).result).toBe('updated');
    expect(await world.writes()).toEqual([`POST /v10/projects/${projectId}/env`]);
  });
});
