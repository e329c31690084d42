import { Refusal } from './answers.ts';
import type { World } from './world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api */
const PRIMARY = { anonymous: 60, actions: 1_000, other: 5_000 };
const POINTS_PER_MINUTE = 900;
const CONTENT_PER_MINUTE = 80;
const CONTENT_PER_HOUR = 500;

interface Bucket {
  endsAt: number;
  used: number;
}

/** How often each token may ask. Counted always; refused only where `enforced`. */
export class Limits {
  readonly #world: World;
  readonly #enforced: boolean;
  readonly #buckets = new Map<string, Bucket>();

  constructor(world: World, enforced: boolean) {
    this.#world = world;
    this.#enforced = enforced;
  }

  /** Counts a request and gives the headers of its answer. Throws the refusal once a limit is exceeded. */
  take(request: Request): Record<string, string> {
    const who = request.headers.get('authorization')?.replace(/^\S+ /, '') ?? '';
    const limit = this.#primary(who);
    const core = this.#count(`core ${who}`, HOUR, 1);
    const headers = this.#headers(limit, core);
    if (!this.#enforced) return headers;
    if (core.used > limit) throw new Refusal(403, 'API rate limit exceeded.', undefined, headers);
    this.#secondary(who, request, headers);
    return headers;
  }

  #primary(who: string): number {
    if (who === '') return PRIMARY.anonymous;
    const known = this.#world.state.tokens.find(({ token }) => token === who);
    return known?.kind === 'actions' ? PRIMARY.actions : PRIMARY.other;
  }

  #secondary(who: string, { method, url }: Request, headers: Record<string, string>): void {
    const reads = method === 'GET' || method === 'HEAD';
    const points = this.#count(`points ${who}`, MINUTE, reads ? 1 : 5);
    const creates = method === 'POST' && !new URL(url).pathname.includes('/git/');
    const perMinute = this.#count(`content-minute ${who}`, MINUTE, creates ? 1 : 0);
    const perHour = this.#count(`content-hour ${who}`, HOUR, creates ? 1 : 0);
    const full = [
      ...(points.used > POINTS_PER_MINUTE ? [points] : []),
      ...(creates && perMinute.used > CONTENT_PER_MINUTE ? [perMinute] : []),
      ...(creates && perHour.used > CONTENT_PER_HOUR ? [perHour] : []),
    ];
    if (full.length === 0) return;
    const wait = Math.max(...full.map(({ endsAt }) => endsAt)) - this.#world.context.clock.now();
    const message = 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.';
    throw new Refusal(403, message, undefined, { ...headers, 'retry-after': String(Math.ceil(wait / 1_000)) });
  }

  #count(key: string, ms: number, points: number): Bucket {
    const now = this.#world.context.clock.now();
    const open = this.#buckets.get(key);
    const bucket = open !== undefined && open.endsAt > now ? open : { endsAt: now + ms, used: 0 };
    bucket.used += points;
    this.#buckets.set(key, bucket);
    return bucket;
  }

  #headers(limit: number, { used, endsAt }: Bucket): Record<string, string> {
    return {
      'x-ratelimit-limit': String(limit),
      'x-ratelimit-remaining': String(Math.max(0, limit - used)),
      'x-ratelimit-used': String(used),
      'x-ratelimit-reset': String(Math.ceil(endsAt / 1_000)),
      'x-ratelimit-resource': 'core',
    };
  }
}
