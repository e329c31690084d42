import { describe, expect, it } from 'vitest';
import { resendLimits, supabaseLimits, vercelLimits } from './limits.ts';
import { RateLimits } from './rate-limit.ts';
import { ManualClock, member } from './testing.ts';

function limited() {
  const clock = new ManualClock();
  const limits = new RateLimits(clock, { supabase: supabaseLimits, vercel: vercelLimits, resend: resendLimits });
  const take = (service: string, method: string, path: string, body?: object) =>
    limits.take(
      service,
      new Request(`http://cloud.test${path}`, { method, ...(body && { body: JSON.stringify(body) }) }),
    );
  const exhaust = async (times: number, ...call: Parameters<typeof take>) => {
    for (let n = 0; n < times; n++) expect((await take(...call)).refusal).toBeUndefined();
  };
  return { clock, take, exhaust };
}

describe("Supabase's limit", () => {
  it('says on every answer what is left, Reset being seconds left of vendor time', async () => {
    const { clock, take } = limited();
    expect((await take('supabase', 'GET', '/v1/projects')).headers).toEqual({
      'x-ratelimit-limit': '120',
      'x-ratelimit-remaining': '119',
      'x-ratelimit-reset': '60',
    });
    clock.advance(12_500);
    expect((await take('supabase', 'GET', '/v1/projects')).headers).toMatchObject({
      'x-ratelimit-remaining': '118',
      'x-ratelimit-reset': '48',
    });
  });

  it('refuses the 121st of a minute with the headers, and takes it in the next', async () => {
    const { clock, take, exhaust } = limited();
    await exhaust(120, 'supabase', 'GET', '/v1/projects');
    const { refusal } = await take('supabase', 'GET', '/v1/projects');
    expect(refusal?.status).toBe(429);
    expect(refusal?.headers.get('x-ratelimit-remaining')).toBe('0');
    expect(refusal?.headers.get('x-ratelimit-reset')).toBe('60');
    clock.advance(60_000);
    expect((await take('supabase', 'GET', '/v1/projects')).refusal).toBeUndefined();
  });

  it('is counted per project and per endpoint', async () => {
    const { take, exhaust } = limited();
    await exhaust(120, 'supabase', 'GET', '/v1/projects/aaaaaaaaaaaaaaaaaaaa/health');
    expect((await take('supabase', 'GET', '/v1/projects/aaaaaaaaaaaaaaaaaaaa/health')).refusal).toBeDefined();
    expect((await take('supabase', 'GET', '/v1/projects/bbbbbbbbbbbbbbbbbbbb/health')).refusal).toBeUndefined();
    expect((await take('supabase', 'GET', '/v1/projects/aaaaaaaaaaaaaaaaaaaa')).refusal).toBeUndefined();
  });

  it('counts one endpoint for every key id', async () => {
    const { take } = limited();
    const path = (digit: string) =>
      `/v1/projects/aaaaaaaaaaaaaaaaaaaa/api-keys/${digit.repeat(8)}-1111-4111-8111-111111111111`;
    await take('supabase', 'GET', path('1'));
    expect((await take('supabase', 'GET', path('2'))).headers['x-ratelimit-remaining']).toBe('118');
  });

  it('counts creates per organization', async () => {
    const { take } = limited();
    await take('supabase', 'POST', '/v1/projects', { organization_slug: 'one' });
    const other = await take('supabase', 'POST', '/v1/projects', { organization_slug: 'two' });
    expect(other.headers['x-ratelimit-remaining']).toBe('119');
  });

  it('gives migrations 120 in three minutes', async () => {
    const { clock, take, exhaust } = limited();
    const path = '/v1/projects/aaaaaaaaaaaaaaaaaaaa/database/migrations';
    await exhaust(120, 'supabase', 'POST', path);
    clock.advance(120_000);
    expect((await take('supabase', 'POST', path)).refusal?.status).toBe(429);
  });
});

describe("Vercel's limits", () => {
  it('refuse the 121st deployment in five minutes in the documented body', async () => {
    const { clock, take, exhaust } = limited();
    await exhaust(120, 'vercel', 'POST', '/v13/deployments');
    const { refusal } = await take('vercel', 'POST', '/v13/deployments');
    const at = clock.now() + 300_000;
    expect(refusal?.status).toBe(429);
    expect(refusal?.headers.get('retry-after')).toBe('300');
    expect(refusal?.headers.get('x-ratelimit-reset')).toBe(String(at / 1000));
    expect(await refusal?.json()).toEqual({
      error: {
        code: 'rate_limited',
        message: "The rate limit of 120 exceeded for 'create-deployment'. Try again in 300 seconds",
        limit: { remaining: 0, reset: at / 1000, resetMs: at, total: 120 },
      },
    });
  });

  it('also hold 450 deployments an hour', async () => {
    const { clock, take, exhaust } = limited();
    for (const times of [120, 120, 120, 90]) {
      await exhaust(times, 'vercel', 'POST', '/v13/deployments');
      clock.advance(300_000);
    }
    const { refusal } = await take('vercel', 'POST', '/v13/deployments');
    expect(member(member(await refusal?.json(), 'error'), 'limit')).toMatchObject({ total: 450 });
  });

  it('are counted per endpoint for the whole team', async () => {
    const { take, exhaust } = limited();
    await exhaust(60, 'vercel', 'POST', '/v10/projects/one/env');
    await exhaust(60, 'vercel', 'POST', '/v10/projects/two/env');
    expect((await take('vercel', 'POST', '/v10/projects/three/env')).refusal?.status).toBe(429);
    expect((await take('vercel', 'GET', '/v10/projects/three/env')).refusal).toBeUndefined();
  });

  it('say nothing where the table says nothing', async () => {
    const { take } = limited();
    expect(await take('vercel', 'GET', '/v2/user')).toEqual({ headers: {} });
  });
});

describe("Resend's limit", () => {
  it('is five a second, with its own header names', async () => {
    const { clock, take, exhaust } = limited();
    await exhaust(5, 'resend', 'POST', '/emails');
    clock.advance(200);
    const { refusal } = await take('resend', 'GET', '/emails');
    expect(refusal?.status).toBe(429);
    expect(refusal?.headers.get('ratelimit-limit')).toBe('5');
    expect(refusal?.headers.get('ratelimit-remaining')).toBe('0');
    expect(refusal?.headers.get('retry-after')).toBe('1');
    expect(member(await refusal?.json(), 'name')).toBe('rate_limit_exceeded');
    clock.advance(800);
    expect((await take('resend', 'POST', '/emails')).refusal).toBeUndefined();
  });
});

it('limits no service without a policy', async () => {
  const { take } = limited();
  expect(await take('project', 'POST', '/x')).toEqual({ headers: {} });
});
