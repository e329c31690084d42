import type * as z from 'zod';
import { ProviderError } from '../engine/errors.ts';
import type { Limiter } from '../lib/limiter.ts';
import { deadlineIn } from './deadline.ts';
import { type Attempted, refused, type Said, unanswered, unreadable } from './failure.ts';
import type { HttpPolicy } from './http.ts';
import { waitHint } from './wait-hint.ts';

const ATTEMPTS = 5;
const BACKOFF_MS = { base: 250, cap: 4_000 };
/** Supabase's window is a minute; whoever asks for more than two is better served by the next run. */
const LONGEST_PAUSE_MS = 120_000;
/** Failures that come before the first byte was sent: the vendor cannot have done anything. */
const NEVER_SENT = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT', 'EHOSTUNREACH', 'ENETUNREACH'];

/** What came back, with its body read to the end within the deadline. */
export interface Answer {
  readonly response: Response;
  readonly text: string;
}

/** An attempt that gave nothing. */
export interface Failed<T> {
  readonly error: ProviderError;
  /** The same request may be sent once more. */
  readonly again: boolean;
  /** The whole scope has to wait, for this long if the vendor said so. */
  readonly throttled?: { readonly hintMs: number | undefined };
  /** What an SDK gets instead of the error. */
  readonly instead?: T;
}

/** How one attempt ended. */
export type Verdict<T> = { readonly value: T } | Failed<T>;

/** One request, repeatable or not, and how to understand its answer. */
export interface Task<T> {
  readonly tried: Attempted;
  readonly scope: string;
  readonly deadlineMs: number;
  send(signal: AbortSignal): Promise<Response>;
  read(answer: Answer): Promise<Verdict<T>>;
}

/** Attempts a task until it succeeds, must not be repeated, or was tried often enough; the last error is thrown. */
export async function persist<T>(
  task: Task<T>,
  policy: HttpPolicy,
  limiter: Limiter,
  onFailure?: (error: ProviderError) => void,
): Promise<T> {
  const last = policy.attempts ?? ATTEMPTS;
  for (let attempt = 1; ; attempt += 1) {
    const verdict = await limiter.run(task.scope, () => once(task, policy), policy.signal);
    if ('value' in verdict) return verdict.value;
    const waitMs = verdict.throttled?.hintMs ?? backoff(attempt, policy.random ?? Math.random);
    if (verdict.throttled) limiter.pause(task.scope, Math.min(waitMs, LONGEST_PAUSE_MS));
    if (!verdict.again || attempt >= last || waitMs > LONGEST_PAUSE_MS) return giveUp(verdict, onFailure);
    if (!verdict.throttled) await policy.clock.sleep(waitMs, policy.signal);
  }
}

function giveUp<T>({ error, instead }: Failed<T>, onFailure?: (error: ProviderError) => void): T {
  onFailure?.(error);
  if (instead === undefined) throw error;
  return instead;
}

async function once<T>(task: Task<T>, policy: HttpPolicy): Promise<Verdict<T>> {
  const { signal, end } = deadlineIn(task.deadlineMs, policy.signal);
  let answer: Answer;
  try {
    answer = await within(signal, async () => {
      const response = await task.send(signal);
      return { response, text: await response.text() };
    });
  } catch (thrown) {
    policy.signal?.throwIfAborted();
    // Signing in failed, under its own retries: what was to be sent never was.
    if (thrown instanceof ProviderError) return { error: thrown, again: false };
    const sent = !NEVER_SENT.includes(codeOf(thrown));
    return { error: unanswered(task.tried, thrown, sent), again: !sent || !task.tried.once };
  } finally {
    end();
  }
  return task.read(answer);
}

/** Rejects with the signal's reason even where the work does not listen to the signal. */
async function within<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  let stop = (): void => undefined;
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work(), stopped]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** The body against the schema; anything but a readable success is a failure. */
export function parsed<T>(
  tried: Attempted,
  schema: z.ZodType<T>,
  { response, text }: Answer,
  policy: HttpPolicy,
): Verdict<T> {
  const body = decode(text);
  if (!response.ok) return failed(tried, response, body, policy);
  const result = 'broken' in body ? undefined : schema.safeParse(body.json);
  if (result?.success) return { value: result.data };
  const why = result?.error?.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; ');
  return { error: unreadable(tried, response, why ?? 'not JSON'), again: !tried.once };
}

/** The answer as an SDK may read it; a success that claims to be JSON and is not counts as no answer. */
export function reading(tried: Attempted, { response, text }: Answer, policy: HttpPolicy): Verdict<Response> {
  const body = decode(text);
  const copy = rebuilt(response, text);
  if (!response.ok) return { ...failed(tried, response, body, policy), instead: copy };
  const claimsJson = response.headers.get('content-type')?.includes('json') ?? false;
  if (!claimsJson || !('broken' in body)) return { value: copy };
  return { error: unreadable(tried, response, 'not JSON'), again: !tried.once };
}

function failed(tried: Attempted, response: Response, body: Body, policy: HttpPolicy): Failed<never> {
  const { status, headers } = response;
  const said: Said = 'broken' in body ? {} : tried.vendor.explain(body.json);
  const quirk = tried.vendor.quirk?.(status, said);
  const throttled = quirk === 'throttled' || (status === 429 && quirk !== 'give-up');
  const transient = quirk === 'retry' || throttled || (quirk === undefined && (status === 408 || status >= 500));
  const error = refused(tried, response, said, transient);
  // A refusal, unlike a failure, says that nothing was done: it may be repeated whatever the request was.
  const again = transient && (status < 500 && status !== 408 ? true : !tried.once);
  return { error, again, ...(throttled ? { throttled: { hintMs: waitHint(headers, policy.clock) } } : {}) };
}

type Body = { readonly json: unknown } | { readonly broken: true };

function decode(text: string): Body {
  if (text.trim() === '') return { json: undefined };
  try {
    return { json: JSON.parse(text) };
  } catch {
    return { broken: true };
  }
}

/** Statuses that have no body; a Response refuses to be built with one. */
const BODYLESS = [204, 205, 304];

function rebuilt(response: Response, text: string): Response {
  const { status, statusText, headers, url } = response;
  const copy = new Response(BODYLESS.includes(status) ? null : text, { status, statusText, headers });
  return Object.defineProperty(copy, 'url', { value: url });
}

/** Exponential, the upper half of it by chance, so that many who failed together do not come back together. */
function backoff(attempt: number, random: () => number): number {
  const full = Math.min(BACKOFF_MS.cap, BACKOFF_MS.base * 2 ** (attempt - 1));
  return full * (0.5 + random() / 2);
}

/** fetch wraps the system's error, sometimes twice; a failed race of addresses carries one for each. */
function codeOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return '';
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';
  return code !== '' && !code.startsWith('ERR_') ? code : codeOf(thrown.cause);
}
