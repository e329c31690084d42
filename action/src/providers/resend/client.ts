import type { ErrorResponse, Resend as Sdk } from 'resend';
import * as z from 'zod';
import { ProviderError } from '../../engine/errors.ts';
import type { Budget } from '../../lib/limiter.ts';
import type { Secret } from '../../lib/secret.ts';
import { hasCode, hasStatus } from '../failure.ts';
import type { Http, Vendor } from '../http.ts';

/** A mail as it is sent: addresses, and both bodies. */
export interface Mail {
  readonly from: string;
  readonly to: string;
  readonly replyTo: string;
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

/** Resend's sending API, through its SDK. */
export interface Resend {
  /**
   * Sends a mail, at most once for each key within 24 hours, and gives its id; `already-sent` when a mail of another
   * content was sent under that key. Keys are at most 256 characters. `operation` names it in errors.
   */
  send(mail: Mail, key: string, operation?: string): Promise<string | 'already-sent'>;
  /** What last happened to a mail: delivered, bounced, …; `undefined` when this API key may not know, or nobody does. */
  lastEvent(id: string): Promise<string | undefined>;
}

export interface ResendAccount {
  readonly apiKey: Secret;
  readonly baseUrl: string;
}

const errorBody = z.object({ name: z.string().optional(), message: z.string().optional() });

/** https://resend.com/docs/api-reference/errors */
export function resendVendor({ baseUrl }: ResendAccount): Vendor {
  return {
    name: 'resend',
    baseUrl,
    credential: 'RESEND_API_KEY',
    authorize: () => ({}),
    explain: (body) => {
      const { name, message } = errorBody.safeParse(body).data ?? {};
      return { ...(name !== undefined && { code: name }), ...(message !== undefined && { message }) };
    },
    quirk: (status, { code }) => {
      // The first request with this key is still under way: the next answer is its result.
      if (status === 409 && code === 'concurrent_idempotent_requests') return 'retry';
      // A quota lasts for a day or a month, although it is told with the status of a rate limit.
      return status === 429 && code?.endsWith('quota_exceeded') ? 'give-up' : undefined;
    },
  };
}

/** Five requests a second for the whole team: https://resend.com/docs/api-reference/rate-limit as of 2026-08. */
export function resendBudget(): Budget {
  return { windows: [{ requests: 5, perMs: 1_000 }] };
}

const SCOPE = 'team';
const sent = z.object({ id: z.string() });
const shown = z.object({ last_event: z.string().nullish() });

/**
 * The SDK takes no fetch and retries nothing, so each of its calls is one attempt under `http`'s deadline, limiter and
 * retry rule. It is loaded with the first call.
 */
export function resendClient({ apiKey, baseUrl }: ResendAccount, http: Http): Resend {
  let sdk: Promise<Sdk> | undefined;
  const load = () => {
    sdk ??= import('resend').then(({ Resend }) => new Resend(apiKey.reveal(), { baseUrl }));
    return sdk;
  };
  return {
    send: (mail, key, operation = 'send the welcome mail') => send(http, load, mail, key, operation),
    lastEvent: (id) => lastEvent(http, load, id),
  };
}

async function send(http: Http, load: () => Promise<Sdk>, mail: Mail, key: string, operation: string): Promise<string> {
  const exchange = {
    operation,
    scope: SCOPE,
    schema: sent,
    repeatable: true,
    permission: 'sending access',
  };
  // Attempts of which nobody can say that they sent nothing.
  let open = 0;
  try {
    const answer = await http.via(exchange, async (signal) => {
      const { emails } = await load();
      open += 1;
      const response = asResponse(await emails.send({ ...mail, to: [mail.to] }, { idempotencyKey: key, signal }));
      if (isRefusal(response.status)) open -= 1;
      return response;
    });
    if (answer === undefined) throw new TypeError('an answer that is not absent must be there');
    return answer.id;
  } catch (thrown) {
    if (hasStatus(thrown, 409) && hasCode(thrown, 'invalid_idempotent_request')) return 'already-sent';
    const told = hasStatus(thrown, 403) && hasCode(thrown, 'validation_error') ? unverified(thrown) : thrown;
    throw told instanceof ProviderError && open > 0 ? inDoubt(told) : told;
  }
}

/** A conflict is about a request that is under way, and whoever ran out of time may have got further than we heard. */
function isRefusal(status: number): boolean {
  return status >= 400 && status < 500 && status !== 408 && status !== 409;
}

/** A refusal at last says nothing about the attempts before it. */
function inDoubt(error: ProviderError): ProviderError {
  const { failure, message, remedy, cause } = error;
  return isRefusal(failure.status ?? 0)
    ? new ProviderError({ ...failure, ambiguous: true }, message, remedy, cause)
    : error;
}

/** Whether `send` was refused in all of its attempts, so that no mail went out. */
export function isRefused(thrown: unknown): boolean {
  return thrown instanceof ProviderError && isRefusal(thrown.failure.status ?? 0) && !thrown.failure.ambiguous;
}

/** 403 is for wrong keys, too, but here the key is right and the sender is not. */
function unverified({ failure, message, cause }: ProviderError): ProviderError {
  const remedy = 'Verify the domain of mail.from in fleet.yaml at https://resend.com/domains, and run again.';
  return new ProviderError(failure, message, remedy, cause);
}

async function lastEvent(http: Http, load: () => Promise<Sdk>, id: string): Promise<string | undefined> {
  const exchange = { operation: 'read mail', scope: SCOPE, schema: shown, repeatable: true, absentOn: [404] };
  try {
    const answer = await http.via(exchange, async (signal) =>
      asResponse(await (await load()).emails.get(id, { signal })),
    );
    return answer?.last_event ?? undefined;
  } catch (thrown) {
    // A key that may only send is the least we ask for; it cannot tell what became of a mail.
    if (hasCode(thrown, 'restricted_api_key')) return undefined;
    throw thrown;
  }
}

interface SdkResult {
  readonly data: unknown;
  readonly error: ErrorResponse | null;
  readonly headers: Record<string, string> | null;
}

/** Which headers of an answer the policy reads. */
const HEADERS = ['retry-after', 'ratelimit-reset', 'x-request-id'];

/** What came back, as the policy judges it; throws where nothing did, which the SDK reports as an error of its own. */
function asResponse({ data, error, headers }: SdkResult): Response {
  const kept = Object.entries(headers ?? {}).filter(([name]) => HEADERS.includes(name));
  if (!error) return Response.json(data, { headers: Object.fromEntries(kept) });
  const status: unknown = error.statusCode;
  if (typeof status !== 'number' || status < 400 || status > 599) throw new TypeError(error.message);
  return Response.json(error, { status, headers: Object.fromEntries(kept) });
}
