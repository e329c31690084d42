import { ProviderError } from '../../engine/errors.ts';
import { createLimiter } from '../../lib/limiter.ts';
import { poll } from '../../lib/poll.ts';
import { foreignText } from '../foreign-text.ts';
import { createHttp, type HttpPolicy, type Vendor } from '../http.ts';
import { notAccepted } from './refusal.ts';

/** A new address may take a moment to be known everywhere. */
const GRACE = { everyMs: 2_000, forMs: 60_000 };

/** Somebody stands before the site; it does not go away by waiting. */
const GUARDED = [401, 403];

/** Opens `url` + `path` as a visitor does; resolves when it answers 2xx itself, throws what a person must mend. */
export async function assertAnswers(url: string, path: string, policy: HttpPolicy): Promise<void> {
  const address = url.replace(/\/$/, '') + path;
  const open = visitor(url, policy);
  let reason = '';
  const answers = async (): Promise<true | undefined> => {
    const response = await orFailure(open(address));
    reason = response instanceof Response ? `HTTP ${response.status}` : response.message;
    if (!(response instanceof Response)) return undefined;
    assertOpen(address, response);
    return response.ok ? true : undefined;
  };
  if (await poll(policy.clock, GRACE, answers, policy.signal)) return;
  const remedy = 'Look at the deployment’s runtime log in Vercel, and run again.';
  throw notAccepted('vercel', `${address} does not answer: ${reason}`, remedy);
}

/** Opens `url` as a visitor does; resolves when it is answered, and not with 2xx (any more). */
export async function assertTurnsAway(url: string, policy: HttpPolicy): Promise<void> {
  const open = visitor(url, policy);
  let seen = '';
  const isClosed = async (): Promise<true | undefined> => {
    const response = await orFailure(open(url));
    seen = response instanceof Response ? `still answers its visitors (HTTP ${response.status})` : response.message;
    return response instanceof Response && !response.ok ? true : undefined;
  };
  if (await poll(policy.clock, GRACE, isClosed, policy.signal)) return;
  const remedy = 'Look in Vercel whether the project is paused and whose that address is, and run again.';
  throw notAccepted('vercel', `${url} is not seen to be closed: ${seen}`, remedy);
}

/** One attempt a look: the poll is the retry. */
function visitor(url: string, policy: HttpPolicy): typeof globalThis.fetch {
  const http = createHttp(siteVendor(url), { ...policy, attempts: 1 }, createLimiter(policy.clock));
  return http.fetch('open the instance', `site:${url}`);
}

async function orFailure(answer: Promise<Response>): Promise<Response | ProviderError> {
  try {
    return await answer;
  } catch (thrown) {
    if (thrown instanceof ProviderError) return thrown;
    throw thrown;
  }
}

function assertOpen(address: string, response: Response): void {
  if (GUARDED.includes(response.status)) throw guarded(address, response.status);
  assertStays(address, response.url);
}

function guarded(address: string, status: number): ProviderError {
  return notAccepted(
    'vercel',
    `${address} turns visitors away (HTTP ${status})`,
    'Switch deployment protection off for production in Vercel, or set a healthPath in fleet.yaml that needs no login.',
  );
}

/** A login page of somebody else answers 200, too. `finalUrl` is empty where the transport does not tell. */
function assertStays(address: string, finalUrl: string): void {
  if (finalUrl === '' || new URL(finalUrl).origin === new URL(address).origin) return;
  const host = foreignText(new URL(finalUrl).host, 200);
  throw notAccepted(
    'vercel',
    `${address} sends visitors away to ${host}`,
    'Switch deployment protection off for production in Vercel, or set a healthPath in fleet.yaml that stays.',
  );
}

function siteVendor(baseUrl: string): Vendor {
  return { name: 'vercel', baseUrl, credential: 'deployment protection', authorize: () => ({}), explain: () => ({}) };
}
