import type { Clock } from '../lib/clock.ts';

/** A number above this is a point in time in milliseconds since 1970, not in seconds. */
const EPOCH_MILLISECONDS = 1e12;
/** A number above this is a point in time in seconds since 1970, not seconds that are left. */
const EPOCH_SECONDS = 1e9;

/**
 * How long a 429 asks us to wait, in milliseconds of the vendor's time; `undefined` when it does not say. Retry-After
 * (seconds or a date) is the vendor's own word and wins; else the reset of the window: Supabase and Resend give the
 * seconds left, Vercel a point in time.
 */
export function waitHint(headers: Headers, clock: Clock): number | undefined {
  const after = headers.get('retry-after');
  const reset = headers.get('x-ratelimit-reset') ?? headers.get('ratelimit-reset');
  return fromRetryAfter(after, clock.now()) ?? fromReset(reset, clock.now());
}

function fromRetryAfter(value: string | null, now: number): number | undefined {
  if (value === null || value.trim() === '') return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1_000);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

function fromReset(value: string | null, now: number): number | undefined {
  const number = value === null || value.trim() === '' ? Number.NaN : Number(value);
  if (!Number.isFinite(number) || number < 0) return undefined;
  if (number > EPOCH_MILLISECONDS) return Math.max(0, number - now);
  if (number > EPOCH_SECONDS) return Math.max(0, number * 1_000 - now);
  return number * 1_000;
}
