import { ProviderError, type ProviderFailure } from '../engine/errors.ts';
import { foreignText } from './foreign-text.ts';
import type { Vendor } from './http.ts';

/** What was tried, as errors name it. */
export interface Attempted {
  readonly vendor: Vendor;
  readonly operation: string;
  /** The least permission that the token needs for it. */
  readonly permission?: string | undefined;
  /** A second try could do it twice. */
  readonly once: boolean;
}

/** What a vendor's error body said. */
export interface Said {
  readonly code?: string;
  readonly message?: string;
}

const RUN_AGAIN = 'Run again; if it stays so, look at the vendor’s status page.';
const QUOTA = /quota|limit|payment|billing/i;

/** No answer: the network failed or the deadline passed. `sent` is false when the request provably never left. */
export function unanswered(tried: Attempted, cause: unknown, sent: boolean): ProviderError {
  const { vendor, operation, once } = tried;
  const why = foreignText(reasonOf(cause));
  return new ProviderError(
    { vendor: vendor.name, operation, transient: true, ambiguous: once && sent },
    `${vendor.name}: ${operation} got no answer: ${why}`,
    `Check that ${new URL(vendor.baseUrl).host} can be reached from here. ${RUN_AGAIN}`,
    cause,
  );
}

/** An answer that cannot be understood, although its status says success. */
export function unreadable(tried: Attempted, response: Response, why: string, cause?: unknown): ProviderError {
  const { vendor, operation, once } = tried;
  return new ProviderError(
    { ...about(tried, response), transient: true, ambiguous: once },
    `${vendor.name}: ${operation} was answered with something unreadable: ${foreignText(why)} (HTTP ${response.status})`,
    RUN_AGAIN,
    cause,
  );
}

/** An answer that says no. */
export function refused(tried: Attempted, response: Response, said: Said, transient: boolean): ProviderError {
  const { vendor, operation, once } = tried;
  const message = foreignText(said.message ?? (response.statusText || 'no reason given'));
  const code = said.code === undefined ? '' : `, ${foreignText(said.code, 60)}`;
  const refusal = response.status < 500 && response.status !== 408;
  return new ProviderError(
    { ...about(tried, response, said), transient, ambiguous: transient && !refusal && once },
    `${vendor.name}: ${operation} failed: ${message} (HTTP ${response.status}${code})`,
    remedyFor(tried, response.status, said, transient),
  );
}

/** Something of that name exists already, perhaps because our own create went unheard: the engine looks again. */
export function conflict(error: ProviderError): ProviderError {
  return new ProviderError({ ...error.failure, ambiguous: true }, error.message, error.remedy, error.cause);
}

/** Whether a vendor answered with one of these statuses. */
export function hasStatus(thrown: unknown, ...statuses: readonly number[]): thrown is ProviderError {
  return thrown instanceof ProviderError && statuses.includes(thrown.failure.status ?? 0);
}

/** Whether a vendor answered with one of these codes of its own. */
export function hasCode(thrown: unknown, ...codes: readonly string[]): thrown is ProviderError {
  return thrown instanceof ProviderError && codes.includes(thrown.failure.code ?? '');
}

function about(
  { vendor, operation }: Attempted,
  response: Response,
  said: Said = {},
): Omit<ProviderFailure, 'transient' | 'ambiguous'> {
  const requestId = requestIdOf(response.headers);
  return {
    vendor: vendor.name,
    operation,
    status: response.status,
    ...(said.code === undefined ? {} : { code: foreignText(said.code, 60) }),
    ...(requestId === undefined ? {} : { requestId: foreignText(requestId, 100) }),
  };
}

function requestIdOf(headers: Headers): string | undefined {
  const names = ['sb-request-id', 'x-vercel-id', 'x-github-request-id', 'x-request-id'];
  return names.flatMap((name) => headers.get(name) ?? []).at(0);
}

function remedyFor({ vendor, operation, permission }: Attempted, status: number, said: Said, transient: boolean) {
  if (status === 401 || status === 403) {
    const least = permission === undefined ? '' : `; it needs no more than: ${permission}`;
    return `Check ${vendor.credential}: it is wrong, has expired, or may not ${operation}${least}.`;
  }
  if (status === 402 || (!transient && QUOTA.test(`${said.code ?? ''} ${said.message ?? ''}`))) {
    return `Raise the plan or quota at ${vendor.name}, and run again. Nothing shared is used in its place.`;
  }
  if (transient) return RUN_AGAIN;
  return `Mend what ${vendor.name} refuses, and run again.`;
}

/** fetch hides the reason in `cause`. */
function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  if (thrown.name === 'TimeoutError') return 'the deadline passed';
  const { cause } = thrown;
  return cause instanceof Error && cause.message !== '' ? `${thrown.message}: ${cause.message}` : thrown.message;
}
