import type { VendorClock } from './service.ts';

/** One window that a request counts in. */
export interface Window {
  /** Requests with the same key share the window. */
  readonly key: string;
  readonly limit: number;
  /** Vendor milliseconds. */
  readonly ms: number;
}

/** How full a window is after the request was counted in it. */
export interface WindowState {
  readonly window: Window;
  readonly remaining: number;
  /** Vendor milliseconds until the window starts anew. */
  readonly resetMs: number;
  readonly exceeded: boolean;
}

/** How a vendor limits: which windows a request counts in, and how it tells. */
export interface LimitPolicy {
  windows(request: Request): Promise<readonly Window[]>;
  /** On every answer. `tightest` is the window with the least left. */
  headers(tightest: WindowState, now: number): Record<string, string>;
  refusal(tightest: WindowState, now: number): Response;
}

/** `refusal` is the vendor's 429; without one the request may pass and its answer carries `headers`. */
export interface Verdict {
  readonly headers: Record<string, string>;
  readonly refusal?: Response;
}

/** Fixed windows that begin with their first request. */
export class RateLimits {
  readonly #clock: VendorClock;
  readonly #policies: Readonly<Record<string, LimitPolicy>>;
  readonly #windows = new Map<string, { endsAt: number; used: number }>();

  /** `policies` by service name; a service without one is not limited. */
  constructor(clock: VendorClock, policies: Readonly<Record<string, LimitPolicy>>) {
    this.#clock = clock;
    this.#policies = policies;
  }

  async take(service: string, request: Request): Promise<Verdict> {
    const policy = this.#policies[service];
    if (policy === undefined) return { headers: {} };
    const windows = await policy.windows(request);
    const now = this.#clock.now();
    const [tightest] = windows.map((window) => this.#count(service, window, now)).sort(byRemaining);
    if (tightest === undefined) return { headers: {} };
    const headers = policy.headers(tightest, now);
    if (!tightest.exceeded) return { headers };
    const refusal = policy.refusal(tightest, now);
    for (const [name, value] of Object.entries(headers)) refusal.headers.set(name, value);
    return { headers, refusal };
  }

  #count(service: string, window: Window, now: number): WindowState {
    const key = `${service} ${window.key}`;
    const open = this.#windows.get(key);
    const current = open !== undefined && open.endsAt > now ? open : { endsAt: now + window.ms, used: 0 };
    current.used += 1;
    this.#windows.set(key, current);
    const left = window.limit - current.used;
    return { window, remaining: Math.max(0, left), resetMs: current.endsAt - now, exceeded: left < 0 };
  }
}

function byRemaining(a: WindowState, b: WindowState): number {
  return Number(b.exceeded) - Number(a.exceeded) || a.remaining - b.remaining || b.resetMs - a.resetMs;
}
