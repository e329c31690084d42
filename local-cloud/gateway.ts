import { ClockStopped } from './clock.ts';
import { type Exchange, type Outcome, perform } from './effects.ts';
import type { Fault, Faults } from './faults.ts';
import type { Holds } from './holds.ts';
import { callLatency, type Profile } from './latency.ts';
import type { RateLimits } from './rate-limit.ts';
import type { LoggedRequest, RequestLog } from './request-log.ts';
import type { Service, VendorClock } from './service.ts';
import { STALE_HEADER } from './stale.ts';

/** What a request passes on its way to a service. */
export interface Gateway {
  readonly services: readonly Service[];
  readonly clock: VendorClock;
  readonly faults: Faults;
  readonly holds: Holds;
  readonly log: RequestLog;
  readonly limits: RateLimits;
  readonly profile: Profile;
  /** Makes what the services hold survive a restart. */
  save(): Promise<void>;
}

/** The service that `request` is meant for, or `undefined`: then it is not a vendor's. */
export function serviceFor(services: readonly Service[], request: Request): Service | undefined {
  const { pathname } = new URL(request.url);
  return services.find(({ prefix }) => pathname === prefix || pathname.startsWith(`${prefix}/`));
}

/**
 * Takes a request to its service: log, fault, rate limit, latency, the service itself, save, answer.
 * `gone` fires when nobody waits for the answer any more. Rejects only on our own bugs.
 */
export async function pass(gateway: Gateway, service: Service, request: Request, gone: AbortSignal): Promise<Outcome> {
  const inner = await withoutPrefix(service, request);
  const { pathname: path } = new URL(inner.url);
  const fault = gateway.faults.take({ service: service.name, method: inner.method, paths: spellings(request, inner) });
  const entry = gateway.log.open({
    service: service.name,
    method: inner.method,
    path,
    ...(fault && { fault: fault.effect }),
  });
  try {
    const outcome = await perform(exchange(gateway, service, inner, gone, fault, entry));
    gateway.log.close(entry, outcome.kind === 'answer' ? outcome.response.status : 0);
    return outcome;
  } catch (error) {
    if (error instanceof ClockStopped) return { kind: 'cut', how: 'close' };
    throw error;
  }
}

function exchange(
  gateway: Gateway,
  service: Service,
  inner: Request,
  gone: AbortSignal,
  fault: Fault | undefined,
  entry: LoggedRequest,
): Exchange {
  const { n, method, path } = entry;
  return {
    fault,
    clock: gateway.clock,
    commit: (headers) => commit(gateway, service, withHeaders(inner, headers)),
    hold: (when) => gateway.holds.wait({ n, service: service.name, method, path, when }, gone),
  };
}

async function commit(gateway: Gateway, service: Service, request: Request): Promise<Response> {
  const verdict = await gateway.limits.take(service.name, request);
  if (verdict.refusal !== undefined) return verdict.refusal;
  await gateway.clock.sleep(callLatency(gateway.profile, service.name, request));
  const response = await service.fetch(request);
  if (request.method !== 'GET' && request.method !== 'HEAD') await gateway.save();
  return withResponseHeaders(response, verdict.headers);
}

async function withoutPrefix(service: Service, request: Request): Promise<Request> {
  const url = new URL(request.url);
  url.pathname = url.pathname.slice(service.prefix.length) || '/';
  const body = request.body === null ? null : await request.arrayBuffer();
  const headers = new Headers(request.headers);
  headers.delete(STALE_HEADER);
  return new Request(url, { method: request.method, headers, body });
}

function spellings(outer: Request, inner: Request): string[] {
  return [inner, outer].flatMap((request) => {
    const { pathname, search } = new URL(request.url);
    // The path behind the first segment is what supabase-js asks an instance for: /projects/{ref} is our own doing.
    const behind = pathname.replace(/^\/(projects\/)?[a-z]{20}(?=\/)/, '');
    return [pathname, pathname + search, behind, behind + search];
  });
}

function withHeaders(request: Request, headers: Record<string, string>): Request {
  const copy = new Request(request);
  for (const [name, value] of Object.entries(headers)) copy.headers.set(name, value);
  return copy;
}

function withResponseHeaders(response: Response, headers: Record<string, string>): Response {
  const copy = new Response(response.body, response);
  for (const [name, value] of Object.entries(headers)) copy.headers.set(name, value);
  return copy;
}
