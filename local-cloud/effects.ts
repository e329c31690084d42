import type { Fault } from './faults.ts';
import type { HoldEnd } from './holds.ts';
import type { VendorClock } from './service.ts';
import { STALE_HEADER } from './stale.ts';

/** What a client gets to see: an answer, or a connection that ends without one. */
export type Outcome =
  | { readonly kind: 'answer'; readonly response: Response }
  | { readonly kind: 'cut'; readonly how: 'close' | 'reset' };

/** One request on its way through the gateway. */
export interface Exchange {
  readonly fault: Fault | undefined;
  readonly clock: VendorClock;
  /** Lets the vendor do its work, once; what it did has survived when this resolves. `headers` are for the service. */
  commit(headers: Record<string, string>): Promise<Response>;
  hold(when: 'before' | 'after'): Promise<HoldEnd>;
}

/** Answers an exchange as its fault demands, or as the service does when there is none. */
export async function perform(exchange: Exchange): Promise<Outcome> {
  const { fault } = exchange;
  if (fault === undefined) return answer(await exchange.commit({}));
  return effects[fault.effect](exchange, fault);
}

type Effect = (exchange: Exchange, fault: Fault) => Promise<Outcome>;

const effects: Record<Fault['effect'], Effect> = {
  async status(exchange, fault) {
    if (fault.when === 'after') await exchange.commit({});
    return answer(prescribed(fault));
  },
  async garbage(exchange, fault) {
    if (fault.when !== 'before') await exchange.commit({});
    return answer(garbage(fault));
  },
  async hold(exchange, fault) {
    const when = fault.when ?? 'before';
    const done = when === 'after' ? await exchange.commit({}) : undefined;
    if ((await exchange.hold(when)) === 'gone') return { kind: 'cut', how: 'close' };
    return answer(done ?? (await exchange.commit({})));
  },
  async 'drop-before'() {
    return { kind: 'cut', how: 'close' };
  },
  async 'drop-after-commit'(exchange) {
    await exchange.commit({});
    return { kind: 'cut', how: 'reset' };
  },
  // A vendor that is slow does not notice that its client gave up: the work is done all the same.
  async delay(exchange, fault) {
    if (fault.when !== 'after') await exchange.clock.sleep(fault.ms ?? 0);
    const response = await exchange.commit({});
    if (fault.when === 'after') await exchange.clock.sleep(fault.ms ?? 0);
    return answer(response);
  },
  async stale(exchange, fault) {
    return answer(await exchange.commit({ [STALE_HEADER]: String(fault.ms ?? 0) }));
  },
};

function answer(response: Response): Outcome {
  return { kind: 'answer', response };
}

function prescribed(fault: Fault): Response {
  const status = fault.status ?? 500;
  const isText = typeof fault.body === 'string';
  const text = isText ? String(fault.body) : JSON.stringify(fault.body ?? { message: 'A fault on demand.' });
  const type = isText ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8';
  const bodyless = [204, 205, 304].includes(status);
  return new Response(bodyless ? null : text, { status, headers: { 'content-type': type, ...fault.headers } });
}

function garbage(fault: Fault): Response {
  const text = typeof fault.body === 'string' ? fault.body : '{"id": "half an ans';
  return new Response(text, {
    status: fault.status ?? 200,
    headers: { 'content-type': 'application/json; charset=utf-8', ...fault.headers },
  });
}
