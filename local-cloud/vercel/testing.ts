import { createChance } from '../chance.ts';
import type { CloudContext, VendorClock } from '../service.ts';
import type { VercelOptions } from './options.ts';
import { type VercelService, vercelService } from './service.ts';

/** A clock that stands still until told: `sleep` ends when `advance` has passed it. */
export interface ManualClock extends VendorClock {
  advance(ms: number): void;
}

export function manualClock(start = Date.UTC(2026, 0, 1)): ManualClock {
  let time = start;
  let sleepers: { until: number; wake: () => void }[] = [];
  return {
    speed: 1,
    now: () => time,
    sleep: (ms) =>
      ms <= 0 ? Promise.resolve() : new Promise<void>((wake) => sleepers.push({ until: time + ms, wake })),
    advance(ms) {
      time += ms;
      const due = sleepers.filter(({ until }) => until <= time);
      sleepers = sleepers.filter(({ until }) => until > time);
      for (const { wake } of due) wake();
    },
  };
}

export function aContext(clock: VendorClock = manualClock()): CloudContext {
  return { dir: '/nowhere', clock, chance: createChance('test'), origin: () => 'http://127.0.0.1:4600' };
}

export const token = 'vcp_test';
export const team = { id: 'team_test', slug: 'acme', name: 'Acme' };

/** An answer with its body read. */
export interface Answer {
  status: number;
  body: unknown;
}

/** What stands at a dotted path of an answer, e.g. `projects.0.name`. */
export function at({ body }: Answer, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (inner, part) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, part) : undefined),
      body,
    );
}

/** The same, as text: an id to go on with. */
export const textAt = (answer: Answer, path: string): string => String(at(answer, path));

export interface TestVercel {
  clock: ManualClock;
  service: VercelService;
  /** With the token and for the team; `query` replaces the scope. */
  call(method: string, path: string, body?: unknown, query?: string, headers?: Record<string, string>): Promise<Answer>;
}

/** A Vercel whose clock the test moves; variables are written at once. */
export function aVercel(options: Partial<VercelOptions> = {}, clock = manualClock()): TestVercel {
  const timing = { envWriteMs: 0, ...options.timing };
  const service = vercelService(aContext(clock), { token, team, ...options, timing });
  return { clock, service, call: (...given) => call(service, ...given) };
}

async function call(
  service: VercelService,
  method: string,
  path: string,
  body?: unknown,
  query?: string,
  headers?: Record<string, string>,
): Promise<Answer> {
  const join = path.includes('?') ? '&' : '?';
  const request = new Request(`http://vercel.test${path}${join}${query ?? `teamId=${team.id}`}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const response = await service.fetch(request);
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
}
