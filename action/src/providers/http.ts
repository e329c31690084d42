import type * as z from 'zod';
import type { ProviderError } from '../engine/errors.ts';
import type { Clock } from '../lib/clock.ts';
import type { Limiter } from '../lib/limiter.ts';
import { type Answer, parsed, persist, reading, type Verdict } from './attempts.ts';
import type { Attempted, Said } from './failure.ts';

/** A vendor's API. The axis of variation: where it is, how it is signed in to, and how it words its errors. */
export interface Vendor {
  readonly name: 'supabase' | 'vercel' | 'resend' | 'github';
  readonly baseUrl: string;
  /** The headers that sign in; reveals the credential, so call it only to send. A token that ends is renewed in it. */
  authorize(): Record<string, string> | Promise<Record<string, string>>;
  /** The variable that holds the credential, e.g. `SUPABASE_ACCESS_TOKEN`: named in the remedy of a 401 or 403. */
  readonly credential: string;
  /** What an error body says. */
  explain(body: unknown): Said;
  /** Where the vendor strays from HTTP: a refusal that passes by itself, a 429 by another number, a failure that stays. */
  quirk?(status: number, said: Said): 'retry' | 'throttled' | 'give-up' | undefined;
}

export interface HttpPolicy {
  readonly clock: Clock;
  readonly fetch?: typeof globalThis.fetch;
  /** For one attempt, in real milliseconds: never scaled, because the work behind it is not. Default 30,000. */
  readonly deadlineMs?: number;
  /** Default 5. */
  readonly attempts?: number;
  readonly random?: () => number;
  readonly signal?: AbortSignal;
}

/** What every exchange says of itself. */
export interface Exchange<T> {
  /** For people: `create project`. */
  readonly operation: string;
  /** The counter of the vendor's rate limit, e.g. `${endpoint}:${ref}`. */
  readonly scope: string;
  /** Narrow and tolerant: only fields we use, unknown fields and enum values allowed. An empty body is `undefined`. */
  readonly schema: z.ZodType<T>;
  /** A second time does no harm: a PATCH of absolute values, a POST with an idempotency key, a POST that only reads. */
  readonly repeatable?: boolean;
  /** Statuses that mean "not there": the request resolves to `undefined`. */
  readonly absentOn?: readonly number[];
  /** The least permission of the token, for the remedy of a 403. */
  readonly permission?: string;
  /** How many times the policy's deadline one attempt may take; 1 unless told. */
  readonly patience?: number;
}

export interface Call<T> extends Exchange<T> {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the vendor's base URL, e.g. `/v1/projects`; the caller encodes what it puts in. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface FetchOptions {
  /** As in `Exchange`; GET, HEAD, PUT and DELETE always are. */
  readonly repeatable?: boolean;
  readonly permission?: string;
  /** Told the error that an answer of 400 and above, or none at all, amounts to; an SDK tells less. */
  onFailure?(error: ProviderError): void;
}

/** One policy for every request: deadline, limiter, retry only of what may be repeated, one kind of error. */
export interface Http {
  /** One call; throws `ProviderError`. */
  request<T>(call: Call<T>): Promise<T | undefined>;
  /** The same for an SDK that takes no fetch: `send` makes one attempt and gives what came back as a Response. */
  via<T>(exchange: Exchange<T>, send: (signal: AbortSignal) => Promise<Response>): Promise<T | undefined>;
  /** The same as a `fetch` for supabase-js and octokit: they get the last answer, or the ProviderError thrown. */
  fetch(operation: string, scope: string, options?: FetchOptions): typeof globalThis.fetch;
}

const DEADLINE_MS = 30_000;
const USER_AGENT = 'agency-provisioner';
const SAFE = ['GET', 'HEAD', 'PUT', 'DELETE'];

/** The policy of one vendor. `limiter` is shared by everybody who talks to it. */
export function createHttp(vendor: Vendor, policy: HttpPolicy, limiter: Limiter): Http {
  const send = policy.fetch ?? globalThis.fetch;
  const via = <T>(exchange: Exchange<T>, once: boolean, sending: (signal: AbortSignal) => Promise<Response>) => {
    const { operation, permission, scope, schema } = exchange;
    const tried = { vendor, operation, permission, once };
    const read = async (answer: Answer): Promise<Verdict<T | undefined>> =>
      exchange.absentOn?.includes(answer.response.status)
        ? { value: undefined }
        : parsed(tried, schema, answer, policy);
    return persist(
      { tried, scope, deadlineMs: deadlineOf(policy, exchange.patience), send: sending, read },
      policy,
      limiter,
    );
  };
  return {
    request: (call) =>
      via(call, !mayRepeat(call.method, call.repeatable), async (signal) =>
        send(urlOf(vendor, call), { ...requestOf(call, await vendor.authorize()), signal }),
      ),
    via: (exchange, sending) => via(exchange, !exchange.repeatable, sending),
    fetch: (operation, scope, options = {}) =>
      fetchFor({ vendor, operation, permission: options.permission, once: true }, scope, options, policy, limiter),
  };
}

function fetchFor(
  tried: Attempted,
  scope: string,
  options: FetchOptions,
  policy: HttpPolicy,
  limiter: Limiter,
): typeof globalThis.fetch {
  const send = policy.fetch ?? globalThis.fetch;
  return async (input, init) => {
    const method = (init?.method ?? (input instanceof Request ? input.method : 'GET')).toUpperCase();
    const attempted = { ...tried, once: !mayRepeat(method, options.repeatable) };
    const task = {
      tried: attempted,
      scope,
      deadlineMs: deadlineOf(policy),
      send: (signal: AbortSignal) => {
        const both = init?.signal ? AbortSignal.any([init.signal, signal]) : signal;
        return send(input instanceof Request ? input.clone() : input, { ...init, signal: both });
      },
      read: async (answer: Answer) => reading(attempted, answer, policy),
    };
    return persist(task, policy, limiter, options.onFailure);
  };
}

function mayRepeat(method: string, repeatable: boolean | undefined): boolean {
  return repeatable ?? SAFE.includes(method);
}

function deadlineOf(policy: HttpPolicy, patience = 1): number {
  return patience * (policy.deadlineMs ?? DEADLINE_MS);
}

function urlOf(vendor: Vendor, call: Call<unknown>): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(call.query ?? {})) {
    if (value !== undefined) query.append(key, String(value));
  }
  const search = query.size === 0 ? '' : `?${query}`;
  return `${vendor.baseUrl.replace(/\/$/, '')}${call.path}${search}`;
}

function requestOf(call: Call<unknown>, signIn: Record<string, string>): RequestInit {
  const json = call.body === undefined ? {} : { 'content-type': 'application/json' };
  return {
    method: call.method,
    headers: { accept: 'application/json', 'user-agent': USER_AGENT, ...json, ...signIn, ...call.headers },
    ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
  };
}
