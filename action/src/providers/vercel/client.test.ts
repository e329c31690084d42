import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { manualClock } from '../../../../tests/support/clock.ts';
import { createLimiter } from '../../lib/limiter.ts';
import { Secret } from '../../lib/secret.ts';
import { createHttp } from '../http.ts';
import { vercelBudget, vercelClient, vercelVendor } from './client.ts';

const call = { operation: 'look', method: 'GET', path: '/v2/user', schema: z.unknown(), scope: 'user' } as const;

/** A client whose requests are kept and answered in turn, the last answer for ever. */
function client(team: string | undefined, ...answers: Response[]) {
  const requests: Request[] = [];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    requests.push(new Request(input, init));
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    return answer?.clone() ?? Response.json({});
  };
  const clock = manualClock();
  const vendor = vercelVendor(new Secret('canary-vercel-token'), 'https://api.vercel.example');
  const http = createHttp(vendor, { clock, fetch, attempts: 2 }, createLimiter(clock));
  return { vercel: vercelClient(http, team), requests, clock };
}

const refusal = (status: number, error: object) => Response.json({ error }, { status });

describe('vercelClient', () => {
  it('signs in and acts for the team: by id, by slug, or for the account of the token', async () => {
    const seen = await Promise.all(
      ['team_1', 'acme', undefined].map(async (team) => {
        const { vercel, requests } = client(team);
        await vercel.request({ ...call, query: { limit: 1 } });
        return requests[0];
      }),
    );
    expect(seen.map((request) => new URL(request?.url ?? '').search)).toEqual([
      '?limit=1&teamId=team_1',
      '?limit=1&slug=acme',
      '?limit=1',
    ]);
    expect(seen[0]?.headers.get('authorization')).toBe('Bearer canary-vercel-token');
  });

  it('tells what Vercel said, its code, and the variable to look at', async () => {
    const { vercel } = client(
      'acme',
      refusal(403, { code: 'forbidden', message: 'Not authorized', invalidToken: true }),
    );
    await expect(vercel.request(call)).rejects.toMatchObject({
      message: expect.stringContaining('Not authorized'),
      failure: { vendor: 'vercel', status: 403, code: 'forbidden', transient: false },
      remedy: expect.stringContaining('VERCEL_TOKEN'),
    });
  });

  it.each([
    ['not an object', Response.json('no', { status: 400 })],
    ['a code that is no text', refusal(400, { code: 7, message: 'no' })],
    ['HTML', new Response('<html>', { status: 400 })],
  ])('understands an error body that is %s as well as can be', async (_what, answer) => {
    await expect(client('acme', answer).vercel.request(call)).rejects.toMatchObject({ failure: { status: 400 } });
  });

  it('tries again when another write to the variables is under way, and not after another 400', async () => {
    const busy = refusal(400, { code: 'bad_request', message: 'an ongoing update env update is already happening' });
    const patient = client('acme', busy, Response.json({ ok: true }));
    await expect(patient.vercel.request({ ...call, method: 'POST' })).resolves.toEqual({ ok: true });
    const wrong = client('acme', refusal(400, { code: 'bad_request', message: 'Invalid request' }));
    await expect(wrong.vercel.request(call)).rejects.toThrow('Invalid request');
    expect(wrong.requests).toHaveLength(1);
  });

  it('waits until the window that a 429 names, given as a point in time', async () => {
    const reset = Math.ceil((Date.parse('2026-01-01T00:00:00Z') + 30_000) / 1_000);
    const headers = { 'x-ratelimit-reset': String(reset) };
    const limited = Response.json({ error: { code: 'rate_limited', message: 'slow' } }, { status: 429, headers });
    const { vercel, clock } = client('acme', limited, Response.json({}));
    await vercel.request(call);
    expect(clock.elapsed()).toBe(30_000);
  });
});

describe('vercelBudget', () => {
  it('knows the wall: 120 deployments in five minutes and 450 in an hour', () => {
    expect(vercelBudget('deployment:create').windows).toEqual([
      { requests: 120, perMs: 300_000 },
      { requests: 450, perMs: 3_600_000 },
    ]);
  });

  it('holds nothing back where no limit is known', () => {
    expect(vercelBudget('deployment:log')).toEqual({});
  });
});
