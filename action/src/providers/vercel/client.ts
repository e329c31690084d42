import * as z from 'zod';
import type { Budget } from '../../lib/limiter.ts';
import type { Secret } from '../../lib/secret.ts';
import type { Http, Vendor } from '../http.ts';

/** Vercel's REST API, within the team that the fleet names. */
export type Vercel = Pick<Http, 'request'>;

const errorBody = z.object({
  error: z.object({ code: z.string().optional().catch(undefined), message: z.string().optional().catch(undefined) }),
});

/** Two writes to one project's variables at a time are refused; the first is over in a moment. */
const BUSY = /update (env update )?is already happening|ongoing update/i;

/** https://vercel.com/docs/rest-api: bearer token; a missing or foreign token is 403, not 401. */
export function vercelVendor(token: Secret, apiUrl: string): Vendor {
  return {
    name: 'vercel',
    baseUrl: apiUrl,
    credential: 'VERCEL_TOKEN',
    authorize: () => ({ authorization: `Bearer ${token.reveal()}` }),
    explain: (body) => {
      const { code, message } = errorBody.safeParse(body).data?.error ?? {};
      return { ...(code !== undefined && { code }), ...(message !== undefined && { message }) };
    },
    quirk: (status, { message }) => (status === 400 && BUSY.test(message ?? '') ? 'retry' : undefined),
  };
}

/** Acts for `team` (an id `team_…` or a slug) in every call; without one, for the account that the token belongs to. */
export function vercelClient(http: Http, team?: string): Vercel {
  const scope = team === undefined ? {} : team.startsWith('team_') ? { teamId: team } : { slug: team };
  return { request: (call) => http.request({ ...call, query: { ...call.query, ...scope } }) };
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** What a Pro team may do, per owner and endpoint: https://vercel.com/docs/limits as of 2026-04-03. */
const budgets: Readonly<Record<string, Budget>> = {
  'project:create': { windows: [{ requests: 100, perMs: HOUR }] },
  'project:delete': { windows: [{ requests: 100, perMs: HOUR }] },
  'env:write': { windows: [{ requests: 120, perMs: MINUTE }] },
  'env:delete': { windows: [{ requests: 60, perMs: MINUTE }] },
  'env:read': { windows: [{ requests: 500, perMs: MINUTE }] },
  'deployment:create': {
    windows: [
      { requests: 120, perMs: 5 * MINUTE },
      { requests: 450, perMs: HOUR },
    ],
  },
  'deployment:read': { windows: [{ requests: 500, perMs: MINUTE }] },
  'deployment:list': { windows: [{ requests: 1_000, perMs: MINUTE }] },
};

/** The budget of each scope that the kinds of this folder name. */
export function vercelBudget(scope: string): Budget {
  return budgets[scope] ?? {};
}
