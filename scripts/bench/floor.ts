import type { Address } from '../../action/src/engine/resource.ts';
import { callLatency, type Profile } from '../../local-cloud/latency.ts';
import type { Link } from './chain.ts';

/** What one resource takes of the vendors' time, in vendor milliseconds from its beginning. */
export interface Span {
  readonly createdMs: number;
  readonly readyMs: number;
}

type Call = readonly [service: string, method: string, path: string];

const management = (method: string, path: string): Call => ['supabase', method, `/v1${path}`];
const vercel = (method: string, path: string): Call => ['vercel', method, path];
const users = (method: string, path = ''): Call => ['project', method, `/ref/auth/v1/admin/users${path}`];

const ASK = management('POST', '/projects/ref/database/query/read-only');
const RUN = management('POST', '/projects/ref/database/query');
const READ_AUTH = management('GET', '/projects/ref/config/auth');
const PATCH_AUTH = management('PATCH', '/projects/ref/config/auth');

/** The share of `servicesMs` after which the last service that we wait for is healthy: storage, see the local cloud. */
const LAST_SERVICE = 0.8;

/**
 * What a new agency's resources cannot do without: one look before each act, the act, one look where the act's own
 * answer does not tell, and how long the vendor takes until the thing works. No pause between polls, no time of ours.
 */
export function vendorSpans(profile: Profile): ReadonlyMap<Address, Span> {
  const { healthyMs, keysMs, servicesMs } = profile.project;
  const { buildMs, aliasMs } = profile.deployment;
  const time = (...calls: Call[]) => calls.reduce((sum, call) => sum + latencyOf(profile, call), 0);
  const atOnce = (ms: number): Span => ({ createdMs: ms, readyMs: ms });
  const slowly = (ms: number, more: number): Span => ({ createdMs: ms, readyMs: ms + more });
  const auth = time(READ_AUTH, PATCH_AUTH, READ_AUTH);
  const project = time(management('GET', '/organizations/org/projects'), management('POST', '/projects'));
  const health = time(management('GET', '/projects/ref'), management('GET', '/projects/ref/health'));
  const deployment = time(vercel('GET', '/v7/deployments'), vercel('POST', '/v13/deployments'));
  return new Map([
    ['supabase.project', slowly(project, healthyMs + LAST_SERVICE * servicesMs + health)],
    ['supabase.keys', atOnce(keysMs + time(management('GET', '/projects/ref/api-keys')))],
    ['supabase.auth', atOnce(auth)],
    ['supabase.migrations', atOnce(time(ASK, RUN))],
    ['supabase.owner', atOnce(time(users('GET'), users('POST')))],
    ['vercel.project', atOnce(time(vercel('GET', '/v9/projects/name'), vercel('POST', '/v11/projects')))],
    ['vercel.env', atOnce(time(...envCalls))],
    ['vercel.deployment', slowly(deployment, buildMs + aliasMs + time(vercel('GET', '/v13/deployments/id')))],
    ['supabase.site', atOnce(auth)],
    ['acceptance', atOnce(time(...acceptanceCalls))],
    ['resend.welcome', atOnce(time(...welcomeCalls))],
  ]);
}

/** The graph as it was run, with what the vendors alone take for each resource. Throws for one that nobody described. */
export function withSpans(links: readonly Pick<Link, 'address' | 'after'>[], profile: Profile): Link[] {
  const spans = vendorSpans(profile);
  return links.map(({ address, after }) => {
    const span = spans.get(address);
    if (!span) throw new Error(`floor.ts does not say what ${address} takes`);
    return { address, after, ...span };
  });
}

const ENV = '/v10/projects/id/env';
const envCalls = [vercel('GET', ENV), vercel('POST', ENV), vercel('GET', ENV)];

/** The longest of what it looks at side by side: which tables there are and that strangers read none, four at a time. */
const TABLE_ROUNDS = 3;
const STRANGER: Call = ['project', 'GET', '/ref/rest/v1/table'];
const acceptanceCalls = [
  users('GET', '/id'),
  ASK,
  ...Array.from({ length: TABLE_ROUNDS }, () => STRANGER),
  users('GET', '/id'),
  users('PUT', '/id'),
];

const welcomeCalls: Call[] = [
  users('GET', '/id'),
  users('GET', '/id'),
  users('PUT', '/id'),
  ['resend', 'POST', '/emails'],
  users('PUT', '/id'),
  ['resend', 'GET', '/emails/id'],
];

function latencyOf(profile: Profile, [service, method, path]: Call): number {
  return callLatency(profile, service, new Request(`http://vendor.invalid${path}`, { method }));
}
