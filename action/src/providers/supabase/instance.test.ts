import { describe, expect, it } from 'vitest';
import { manualClock } from '../../../../tests/support/clock.ts';
import { ProviderError } from '../../engine/errors.ts';
import { createLimiter } from '../../lib/limiter.ts';
import { Secret } from '../../lib/secret.ts';
import { instances } from './instance.ts';

/** An instance that answers in turn; the last answer stays. */
function anInstance(key: Secret | string, ...answers: (() => Response)[]) {
  const clock = manualClock();
  const seen: Request[] = [];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const answer = answers[Math.min(seen.length, answers.length - 1)];
    seen.push(new Request(input, init));
    if (!answer) throw new TypeError('fetch failed', { cause: new Error('read ECONNRESET') });
    return answer();
  };
  const open = instances({ clock, fetch, random: () => 1 }, createLimiter(clock));
  return { instance: open('https://cloud.test/projects/ref', key), seen };
}

const secret = new Secret('sb_secret_0123456789');
const refusal = (status: number, body: object) => () => Response.json(body, { status });

async function failureOf(asked: Promise<unknown>): Promise<ProviderError> {
  const ended = await asked.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(ended instanceof ProviderError)) throw new Error(`not a ProviderError: ${String(ended)}`);
  return ended;
}

describe('an instance', () => {
  it('is asked below its URL with the key, and gives the data', async () => {
    const { instance, seen } = anInstance(secret, () => Response.json({ id: 'user-1' }));
    const { user } = await instance.call('read user', ({ auth }) =>
      auth.admin.getUserById('00000000-0000-4000-8000-000000000000'),
    );
    expect(user.id).toBe('user-1');
    expect(seen[0]?.url).toBe(
      'https://cloud.test/projects/ref/auth/v1/admin/users/00000000-0000-4000-8000-000000000000',
    );
    expect(seen[0]?.headers.get('apikey')).toBe(secret.reveal());
  });

  it('opens with a publishable key as anybody would', async () => {
    const { instance, seen } = anInstance('sb_publishable_x', () => Response.json([{ id: 1 }]));
    expect(await instance.call('read table', (client) => client.from('projects').select('id'))).toEqual([{ id: 1 }]);
    expect(seen[0]?.url).toBe('https://cloud.test/projects/ref/rest/v1/projects?select=id');
  });

  it('throws the error of the last answer, not what supabase-js makes of it', async () => {
    const { instance, seen } = anInstance(
      secret,
      refusal(503, {}),
      refusal(422, { code: 422, error_code: 'weak_password', msg: 'too short' }),
    );
    const error = await failureOf(
      instance.call('update owner', ({ auth }) =>
        auth.admin.updateUserById('00000000-0000-4000-8000-000000000000', { password: 'x' }),
      ),
    );
    expect(error.message).toBe('supabase: update owner failed: too short (HTTP 422, weak_password)');
    expect(error.failure).toMatchObject({ status: 422, code: 'weak_password', transient: false });
    expect(seen.map(({ method }) => method)).toEqual(['PUT', 'PUT']);
  });

  it('leaves retries to us, in the Data API, too', async () => {
    const { instance, seen } = anInstance(secret, refusal(503, { message: 'down' }));
    await failureOf(instance.call('read table', (client) => client.from('projects').select('id')));
    expect(seen).toHaveLength(5);
  });

  it('says that a create without an answer may have been done', async () => {
    const { instance, seen } = anInstance(secret);
    const error = await failureOf(
      instance.call('create owner', ({ auth }) => auth.admin.createUser({ email: 'a@b.example' })),
    );
    expect(error.failure).toMatchObject({ operation: 'create owner', transient: true, ambiguous: true });
    expect(seen).toHaveLength(1);
  });

  it('says the same of a success that it cannot use', async () => {
    const { instance } = anInstance(secret, () => new Response('<html>', { status: 200 }));
    const error = await failureOf(
      instance.call('create owner', ({ auth }) => auth.admin.createUser({ email: 'a@b.example' })),
    );
    expect(error.message).toContain('create owner was answered with something unreadable');
    expect(error.failure).toMatchObject({ transient: true, ambiguous: true });
  });
});
