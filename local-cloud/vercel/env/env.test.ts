import { describe, expect, it } from 'vitest';
import { type Answer, at, aVercel, manualClock, type TestVercel, textAt } from '../testing.ts';

const plain = { key: 'FEATURE', value: 'on', type: 'plain', target: ['production'] };
const sealed = { key: 'DATABASE_KEY', value: 'canary-encrypted', type: 'encrypted', target: ['production'] };
const secret = { key: 'TOKEN', value: 'canary-sensitive', type: 'sensitive', target: ['production'] };

async function aProject(options: Parameters<typeof aVercel>[0] = {}): Promise<TestVercel> {
  const vercel = aVercel(options);
  await vercel.call('POST', '/v11/projects', { name: 'app' });
  return vercel;
}

const post = (vercel: TestVercel, body: unknown, upsert = true): Promise<Answer> =>
  vercel.call('POST', `/v10/projects/app/env${upsert ? '?upsert=true' : ''}`, body);

describe('creating variables', () => {
  it('answers 201 with one created variable for one, and a list for a list', async () => {
    const vercel = await aProject();
    const one = await post(vercel, { ...plain, target: 'production' });
    expect(one).toMatchObject({
      status: 201,
      body: { created: { key: 'FEATURE', value: 'on', target: ['production'] }, failed: [] },
    });
    const many = await post(vercel, [sealed, secret]);
    expect(many).toMatchObject({
      status: 201,
      body: { created: [{ key: 'DATABASE_KEY' }, { key: 'TOKEN' }], failed: [] },
    });
  });

  it('answers 400 ENV_CONFLICT without upsert and changes nothing', async () => {
    const vercel = await aProject();
    await post(vercel, plain);
    const again = await post(vercel, { ...plain, value: 'off' }, false);
    expect(again.status).toBe(400);
    expect(at(again, 'error.code')).toBe('ENV_CONFLICT');
    expect(at(await vercel.call('GET', '/v10/projects/app/env'), 'envs.0.value')).toBe('on');
  });

  it('updates in place with upsert', async () => {
    const vercel = await aProject();
    const id = textAt(await post(vercel, plain), 'created.id');
    const again = await post(vercel, { ...plain, value: 'off' });
    expect(again).toMatchObject({ status: 201, body: { created: { id, value: 'off' } } });
    expect(at(await vercel.call('GET', '/v10/projects/app/env'), 'envs.length')).toBe(1);
  });

  it('takes what it can and names the others in failed', async () => {
    const vercel = await aProject();
    await post(vercel, { ...plain, target: ['production', 'preview'] });
    const answer = await post(vercel, [plain, sealed, { ...plain, key: '1ST' }, { ...plain, key: 'VERCEL_URL' }]);
    expect(answer.status).toBe(201);
    expect(at(answer, 'created.length')).toBe(1);
    expect(at(answer, 'created.0.key')).toBe('DATABASE_KEY');
    expect(at(answer, 'failed')).toMatchObject([
      { error: { code: 'ENV_CONFLICT', envVarKey: 'FEATURE', target: ['production'] } },
      { error: { code: 'INVALID_KEY', envVarKey: '1ST' } },
      { error: { code: 'RESERVED_ENV_VARIABLE', envVarKey: 'VERCEL_URL' } },
    ]);
  });

  it('keeps the same name for other environments apart', async () => {
    const vercel = await aProject();
    await post(vercel, plain, false);
    expect((await post(vercel, { ...plain, target: ['preview'], value: 'off' }, false)).status).toBe(201);
  });

  it.each([
    [{ ...secret, target: ['development'] }, 'Sensitive'],
    [{ ...plain, gitBranch: 'main' }, 'Git branch'],
    [{ ...plain, type: 'secret' }, 'allowed values'],
    [{ ...plain, target: [] }, 'target'],
    [{ ...plain, colour: 'red' }, 'additional property `colour`'],
    [{ ...plain, comment: 'x'.repeat(501) }, 'comment'],
    [{ ...plain, value: 'x'.repeat(64 * 1024) }, '64 KB'],
  ])('refuses %j', async (body, message) => {
    const vercel = await aProject();
    const answer = await post(vercel, body);
    expect(answer.status).toBe(400);
    expect(at(answer, 'error.message')).toContain(message);
    expect(at(await vercel.call('GET', '/v10/projects/app/env'), 'envs')).toEqual([]);
  });

  it('refuses a second write to a project while the first is under way, and not to another project', async () => {
    const clock = manualClock();
    const vercel = aVercel({ timing: { envWriteMs: 50 } }, clock);
    for (const name of ['app', 'other']) await vercel.call('POST', '/v11/projects', { name });
    const first = post(vercel, plain);
    const second = await post(vercel, sealed);
    expect(second.status).toBe(400);
    expect(at(second, 'error.message')).toContain('already happening');
    const elsewhere = vercel.call('POST', '/v10/projects/other/env', plain);
    await new Promise(setImmediate);
    clock.advance(50);
    expect([(await first).status, (await elsewhere).status]).toEqual([201, 201]);
    const later = post(vercel, sealed);
    await new Promise(setImmediate);
    clock.advance(50);
    expect((await later).status).toBe(201);
  });
});

describe('reading variables', () => {
  it('shows plain values, encrypted ones only when asked, sensitive ones never', async () => {
    const vercel = await aProject();
    const created = await post(vercel, [plain, sealed, secret]);
    const listed = await vercel.call('GET', '/v9/projects/app/env');
    expect(JSON.stringify([created, listed])).not.toContain('canary');
    const open = await vercel.call('GET', '/v10/projects/app/env?decrypt=true');
    expect(open.body).toMatchObject({
      envs: [{ value: 'on' }, { value: 'canary-encrypted', decrypted: true }, { type: 'sensitive', value: '' }],
    });
    const [, encrypted, sensitive] = [0, 1, 2].map((n) => textAt(listed, `envs.${n}.id`));
    expect(at(await vercel.call('GET', `/v1/projects/app/env/${encrypted}`), 'value')).toBe('canary-encrypted');
    expect(at(await vercel.call('GET', `/v1/projects/app/env/${sensitive}`), 'value')).toBe('');
  });

  it('answers 404 for a variable that is not there', async () => {
    const vercel = await aProject();
    expect((await vercel.call('GET', '/v1/projects/app/env/none')).status).toBe(404);
  });
});

describe('changing and removing variables', () => {
  it('changes one, but never makes a sensitive one readable', async () => {
    const vercel = await aProject();
    const created = await post(vercel, [plain, secret]);
    const [first, second] = [0, 1].map((n) => textAt(created, `created.${n}.id`));
    const changed = await vercel.call('PATCH', `/v9/projects/app/env/${first}`, { value: 'off', comment: 'why' });
    expect(changed.body).toMatchObject({ key: 'FEATURE', value: 'off', comment: 'why' });
    expect((await vercel.call('PATCH', `/v9/projects/app/env/${second}`, { type: 'plain' })).status).toBe(400);
    const clash = await vercel.call('PATCH', `/v9/projects/app/env/${second}`, { key: 'FEATURE' });
    expect(at(clash, 'error.code')).toBe('ENV_CONFLICT');
  });

  it('removes one', async () => {
    const vercel = await aProject();
    const id = textAt(await post(vercel, plain), 'created.id');
    expect(at(await vercel.call('DELETE', `/v9/projects/app/env/${id}`), 'id')).toBe(id);
    expect((await vercel.call('DELETE', `/v9/projects/app/env/${id}`)).status).toBe(404);
  });

  it('removes several at once, or none when one of them is unknown', async () => {
    const vercel = await aProject();
    const created = await post(vercel, [plain, sealed]);
    const ids = [0, 1].map((n) => textAt(created, `created.${n}.id`));
    expect((await vercel.call('DELETE', '/v1/projects/app/env', { ids: [...ids, 'none'] })).status).toBe(404);
    expect(at(await vercel.call('GET', '/v10/projects/app/env'), 'envs.length')).toBe(2);
    expect((await vercel.call('DELETE', '/v1/projects/app/env', { ids })).body).toEqual({ deleted: 2, ids });
  });
});
