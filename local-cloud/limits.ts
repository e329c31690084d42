import { z } from 'zod';
import { json } from './answers.ts';
import type { LimitPolicy, Window, WindowState } from './rate-limit.ts';

const MINUTE = 60_000;

/**
 * Supabase: 120 a minute per user, per project or organization, per endpoint
 * (https://supabase.com/docs/reference/api/introduction). Our cloud has one user. Reset is in seconds that are left.
 */
export const supabaseLimits: LimitPolicy = {
  async windows(request) {
    const { pathname } = new URL(request.url);
    const ids = /(?<=\/)([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{14})(?=\/|$)/g;
    const endpoint = `${request.method} ${pathname.replace(ids, '{id}')}`;
    const key = `${endpoint} ${await organizationOf(request)}`;
    return [{ key, ...supabaseWindow(request.method, pathname) }];
  },
  headers: ({ window, remaining, resetMs }) => ({
    'x-ratelimit-limit': String(window.limit),
    'x-ratelimit-remaining': String(remaining),
    'x-ratelimit-reset': String(Math.ceil(resetMs / 1000)),
  }),
  refusal: () => json(429, { message: 'ThrottlerException: Too Many Requests' }),
};

function supabaseWindow(method: string, path: string): { limit: number; ms: number } {
  if (/\/database\/migrations$/.test(path) && method === 'POST') return { limit: 120, ms: 3 * MINUTE };
  if (/\/analytics\/endpoints\//.test(path)) return { limit: 30, ms: MINUTE };
  if (/\/(custom-hostname|vanity-subdomain)(\/|$)/.test(path)) return { limit: 10, ms: MINUTE };
  return { limit: 120, ms: MINUTE };
}

const createBody = z.object({ organization_slug: z.string() });

/** Creating a project counts for its organization; everything else is told apart by its path. */
async function organizationOf(request: Request): Promise<string> {
  if (request.method !== 'POST' || new URL(request.url).pathname !== '/v1/projects') return '';
  const body = createBody.safeParse(parseJson(await request.clone().text()));
  return body.success ? body.data.organization_slug : '';
}

/** Vercel's table for a Pro team (https://vercel.com/docs/limits); project create and delete from its platform guide. */
const vercelTable: readonly (readonly [
  method: string,
  path: RegExp,
  ...windows: (readonly [name: string, limit: number, ms: number])[],
])[] = [
  ['POST', /^\/v\d+\/projects$/, ['create-project', 100, 60 * MINUTE]],
  ['DELETE', /^\/v\d+\/projects\/[^/]+$/, ['delete-project', 100, 60 * MINUTE]],
  ['POST', /^\/v\d+\/projects\/[^/]+\/env$/, ['create-env', 120, MINUTE]],
  ['PATCH', /^\/v\d+\/projects\/[^/]+\/env\//, ['update-env', 120, MINUTE]],
  ['DELETE', /^\/v\d+\/projects\/[^/]+\/env/, ['delete-env', 60, MINUTE]],
  ['GET', /^\/v\d+\/projects\/[^/]+\/env/, ['read-env', 500, MINUTE]],
  ['GET', /^\/v\d+\/projects\/[^/]+\/domains/, ['read-project-domains', 500, MINUTE]],
  ['POST', /^\/v\d+\/projects\/[^/]+\/domains\/[^/]+\/verify$/, ['verify-domain', 100, MINUTE]],
  ['POST', /^\/v\d+\/projects\/[^/]+\/domains/, ['create-project-domain', 100, MINUTE]],
  ['PATCH', /^\/v\d+\/projects\/[^/]+\/domains/, ['update-project-domain', 100, MINUTE]],
  ['DELETE', /^\/v\d+\/projects\/[^/]+\/domains/, ['remove-project-domain', 100, MINUTE]],
  ['PATCH', /^\/v\d+\/projects\/[^/]+\/protection-bypass$/, ['protection-bypass', 100, MINUTE]],
  [
    'POST',
    /^\/v\d+\/deployments$/,
    ['create-deployment', 120, 5 * MINUTE],
    ['create-deployment-hourly', 450, 60 * MINUTE],
    ['create-deployment-daily', 6_000, 24 * 60 * MINUTE],
  ],
  ['GET', /^\/v\d+\/deployments$/, ['list-deployments', 1_000, MINUTE]],
  ['GET', /^\/v\d+\/deployments\//, ['read-deployment', 500, MINUTE]],
];

/** Reset is a point in time, in seconds since 1970; the 429 body is the documented one. */
export const vercelLimits: LimitPolicy = {
  async windows(request) {
    const { pathname } = new URL(request.url);
    const row = vercelTable.find(([method, path]) => method === request.method && path.test(pathname));
    const [, , ...windows] = row ?? ['', /^/];
    return windows.map(([key, limit, ms]): Window => ({ key, limit, ms }));
  },
  headers: ({ window, remaining, resetMs }, now) => ({
    'x-ratelimit-limit': String(window.limit),
    'x-ratelimit-remaining': String(remaining),
    'x-ratelimit-reset': String(Math.ceil((now + resetMs) / 1000)),
  }),
  refusal(state, now) {
    const headers = { 'retry-after': retryAfter(state) };
    return json(429, { error: vercelError(state, now) }, headers);
  },
};

function vercelError({ window, resetMs }: WindowState, now: number): Record<string, unknown> {
  const message = `The rate limit of ${window.limit} exceeded for '${window.key}'. Try again in ${Math.ceil(resetMs / 1000)} seconds`;
  const at = now + resetMs;
  const limit = { remaining: 0, reset: Math.ceil(at / 1000), resetMs: at, total: window.limit };
  return { code: 'rate_limited', message, limit };
}

/** Resend: 5 a second per team (https://resend.com/docs/api-reference/rate-limit). */
export const resendLimits: LimitPolicy = {
  windows: async () => [{ key: 'team', limit: 5, ms: 1_000 }],
  headers: ({ window, remaining, resetMs }) => ({
    'ratelimit-limit': String(window.limit),
    'ratelimit-remaining': String(remaining),
    'ratelimit-reset': String(Math.ceil(resetMs / 1000)),
  }),
  refusal(state) {
    const message = 'Too many requests. You can only make 5 requests per second. See rate limit response headers.';
    return json(429, { statusCode: 429, name: 'rate_limit_exceeded', message }, { 'retry-after': retryAfter(state) });
  },
};

function retryAfter(state: WindowState): string {
  return String(Math.ceil(state.resetMs / 1000));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
