import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { aProject, type SupabaseCloud, supabaseCloud } from '../../../../tests/support/supabase-cloud.ts';
import { type RunOptions, runKind } from '../../../../tests/support/vendor-cloud.ts';
import { redact } from '../../lib/redact.ts';
import { Secret } from '../../lib/secret.ts';
import { supabaseKeys } from './keys.ts';

let cloud: SupabaseCloud;
let ref: string;
let count = 0;
beforeAll(async () => {
  cloud = await supabaseCloud();
});
afterAll(() => cloud.close());
beforeEach(async () => {
  await cloud.calm();
  count += 1;
  ({ ref } = await aProject(cloud, `agency-number-${count}`));
  await cloud.forget();
});

interface Key {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly api_key: string;
}
const run = (options: RunOptions = {}) => runKind(supabaseKeys(cloud.http), { ref }, options);
/** As the dashboard shows them, once they have appeared. */
async function keys(): Promise<Key[]> {
  const list = (await cloud.asAdmin('GET', `/v1/projects/${ref}/api-keys?reveal=true`)) as Key[];
  return list.some(({ type }) => type === 'secret') ? list : keys();
}
const defaults = async () => (await keys()).filter(({ name }) => name === 'default');

describe('supabase.keys', () => {
  it('waits for the keys that the platform makes, and makes none itself', async () => {
    const done = await run();
    expect(done.result).toBe('created');
    expect(await cloud.writes()).toEqual([]);
    const [publishable, secret] = await defaults();
    expect(done.id).toBe(publishable?.id);
    expect(done.outputs.publishableKey).toBe(publishable?.api_key);
    expect(done.outputs.secretKey).toBeInstanceOf(Secret);
    expect(done.outputs.secretKey instanceof Secret && done.outputs.secretKey.reveal()).toBe(secret?.api_key);
  });

  it('masks the secret key from the moment it was read, and records neither key', async () => {
    const done = await run();
    const [, secret] = await defaults();
    expect(redact(`key ${secret?.api_key}`)).toBe('key ***');
    expect(JSON.stringify(done)).not.toContain(secret?.api_key);
    expect(done.recorded).toEqual({ id: done.id });
  });

  it('changes nothing the second time', async () => {
    const { recorded } = await run();
    await cloud.forget();
    expect((await run({ recorded })).result).toBe('unchanged');
    expect(await cloud.requests()).toHaveLength(1);
  });

  it('makes those that do not appear within a minute', async () => {
    for (const { id } of await defaults()) await cloud.asAdmin('DELETE', `/v1/projects/${ref}/api-keys/${id}`);
    await cloud.forget();
    const before = cloud.clock.elapsed();
    const done = await run({ clock: cloud.clock });
    expect(cloud.clock.elapsed() - before).toBeGreaterThanOrEqual(60_000);
    expect(await cloud.writes()).toEqual(Array(2).fill(`POST /v1/projects/${ref}/api-keys`));
    expect(done.outputs.secretKey).toBeInstanceOf(Secret);
    expect((await defaults()).map(({ type }) => type)).toEqual(['publishable', 'secret']);
  });

  it('makes none twice when the answer is lost', async () => {
    for (const { id } of await defaults()) await cloud.asAdmin('DELETE', `/v1/projects/${ref}/api-keys/${id}`);
    await cloud.fault({ service: 'supabase', method: 'POST', path: '/api-keys', effect: 'drop-after-commit' });
    await run();
    expect((await defaults()).map(({ type }) => type)).toEqual(['publishable', 'secret']);
  });

  it('refuses a masked key, naming the permission', async () => {
    const body = [
      { id: '1', type: 'publishable', name: 'default', api_key: 'sb_publishable_x' },
      { id: '2', type: 'secret', name: 'default', api_key: 'sb_secret_abcde··········' },
    ];
    await cloud.fault({ service: 'supabase', method: 'GET', path: '/api-keys', effect: 'status', status: 200, body });
    await expect(run()).rejects.toMatchObject({ remedy: expect.stringContaining('API Key Secrets read') });
  });

  it('takes no key of another name or type for its own', async () => {
    const body = [
      { id: 'anon', type: 'legacy', name: 'default', api_key: 'legacy' },
      { id: '2', type: 'secret', name: 'other', api_key: 'sb_secret_other' },
      { id: '3', type: 'quantum', name: 'default', api_key: 'sb_quantum' },
    ];
    const fault = { service: 'supabase', method: 'GET', path: '/api-keys', effect: 'status', status: 200, body };
    await cloud.fault({ ...fault, count: 3 });
    const done = await run();
    expect(done.id).toBe((await defaults())[0]?.id);
  });
});
