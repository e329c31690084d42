import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type ManualClock, manualClock } from '../../../tests/support/clock.ts';
import { classify, ProviderError } from '../engine/errors.ts';
import { createLimiter } from '../lib/limiter.ts';
import { Secret } from '../lib/secret.ts';
import { conflict, hasCode, hasStatus } from './failure.ts';
import { type Call, createHttp, type HttpPolicy, type Vendor } from './http.ts';

type Handler = (url: string, init: RequestInit) => Response | Promise<Response>;

const text = z.string().optional();
const vendor: Vendor = {
  name: 'supabase',
  baseUrl: 'https://api.vendor.test/root/',
  credential: 'SUPABASE_ACCESS_TOKEN',
  authorize: () => ({ authorization: 'Bearer token' }),
  explain: (body) => {
    const { code, message } = z.object({ code: text, message: text }).safeParse(body).data ?? {};
    return { ...(code && { code }), ...(message && { message }) };
  },
  quirk: (status, { code }) => {
    if (status === 403 && code === 'bad_jwt') return 'retry';
    return status === 540 || code === 'daily_quota_exceeded' ? 'give-up' : undefined;
  },
};

/** Answers in turn; the last one stays. */
function setup(handlers: readonly Handler[], over: Partial<HttpPolicy> = {}) {
  const clock: ManualClock = manualClock();
  const seen: { url: string; init: RequestInit; at: number }[] = [];
  const fetch: typeof globalThis.fetch = async (input, init = {}) => {
    const handler = handlers[Math.min(seen.length, handlers.length - 1)];
    seen.push({ url: String(input), init, at: clock.elapsed() });
    if (!handler) throw new Error('nothing to answer');
    return handler(String(input), init);
  };
  const limiter = createLimiter(clock);
  return { http: createHttp(vendor, { clock, fetch, random: () => 1, ...over }, limiter), clock, seen, limiter };
}

const ok = () => Response.json({ id: 'one' });
const status =
  (code: number, body: unknown = { message: 'no' }, headers: Record<string, string> = {}): Handler =>
  () =>
    Response.json(body, { status: code, headers });
const broken: Handler = () => {
  throw new TypeError('fetch failed', { cause: Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }) });
};
const refusedConnection: Handler = () => {
  throw new TypeError('fetch failed', { cause: Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }) });
};
const silent: Handler = () => new Promise(() => undefined);
const garbage: Handler = () =>
  new Response('{"id": "half', { headers: { 'content-type': 'application/json; charset=utf-8' } });

const call = (over: Partial<Call<{ id: string }>> = {}): Call<{ id: string }> => ({
  operation: 'create thing',
  method: 'POST',
  path: '/things',
  schema: z.object({ id: z.string() }),
  scope: 'things',
  ...over,
});
const reading = { method: 'GET', operation: 'read thing' } as const;

async function errorOf(asked: Promise<unknown>): Promise<ProviderError> {
  const ended = await asked.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(ended instanceof ProviderError)) throw new Error(`not a ProviderError: ${String(ended)}`);
  return ended;
}

describe('a request', () => {
  it('goes to the vendor with query, body and credential, and gives what the schema names', async () => {
    const { http, seen } = setup([() => Response.json({ id: 'one', unknown: true })]);
    const asked = call({
      query: { limit: 2, from: undefined, q: 'a b' },
      body: { name: 'x' },
      headers: { extra: '1' },
    });
    expect(await http.request(asked)).toEqual({ id: 'one' });
    expect(seen[0]?.url).toBe('https://api.vendor.test/root/things?limit=2&q=a+b');
    expect(seen[0]?.init).toMatchObject({
      method: 'POST',
      body: '{"name":"x"}',
      headers: { authorization: 'Bearer token', 'content-type': 'application/json', extra: '1' },
    });
  });

  it('reads an empty body as undefined', async () => {
    const { http } = setup([() => new Response(null, { status: 204 })]);
    expect(await http.request(call({ schema: z.unknown() as never }))).toBeUndefined();
  });

  it('resolves to undefined on a status that means "not there"', async () => {
    const { http } = setup([status(404)]);
    expect(await http.request(call({ ...reading, absentOn: [404, 410] }))).toBeUndefined();
  });
});

describe('what may be repeated', () => {
  const repeatable: [string, Partial<Call<{ id: string }>>][] = [
    ['GET', { method: 'GET' }],
    ['HEAD', { method: 'HEAD' }],
    ['PUT', { method: 'PUT' }],
    ['DELETE', { method: 'DELETE' }],
    ['a POST that says so', { repeatable: true }],
    ['a PATCH that says so', { method: 'PATCH', repeatable: true }],
  ];
  const failures: [string, Handler][] = [
    ['500', status(500)],
    ['502', status(502)],
    ['503', status(503)],
    ['504', status(504)],
    ['544', status(544)],
    ['408', status(408)],
    ['a cut connection', broken],
    ['broken JSON', garbage],
    ['another shape', () => Response.json({ id: 7 })],
  ];
  const pairs = repeatable.flatMap(([name, over]) =>
    failures.map(([what, failure]) => ({ name, over, what, failure })),
  );

  it.each(pairs)('$name after $what', async ({ over, failure }) => {
    const { http, seen, clock } = setup([failure, failure, ok]);
    expect(await http.request(call(over))).toEqual({ id: 'one' });
    expect(seen).toHaveLength(3);
    expect(clock.slept).toEqual([250, 500]);
  });

  it.each(['POST', 'PATCH'] as const)('a %s is sent once, and may have been done', async (method) => {
    for (const [what, failure] of failures) {
      const { http, seen } = setup([failure, ok]);
      const error = await errorOf(http.request(call({ method })));
      expect(seen, what).toHaveLength(1);
      expect(error.failure, what).toMatchObject({ vendor: 'supabase', transient: true, ambiguous: true });
    }
  });

  it('gives up after five attempts, with a pause that grows to four seconds', async () => {
    const { http, seen, clock } = setup([status(500)]);
    const error = await errorOf(http.request(call(reading)));
    expect(seen).toHaveLength(5);
    expect(clock.slept).toEqual([250, 500, 1_000, 2_000]);
    expect(error.failure).toMatchObject({ status: 500, transient: true, ambiguous: false });
    expect(error.remedy).toContain('Run again');
  });

  it('caps the pause, and lets chance take up to half of it', async () => {
    const { http, clock } = setup([status(500)], { attempts: 7, random: () => 0 });
    await errorOf(http.request(call(reading)));
    expect(clock.slept).toEqual([125, 250, 500, 1_000, 2_000, 2_000]);
  });

  it('repeats whatever never left: nothing can have been done', async () => {
    const { http, seen } = setup([refusedConnection, refusedConnection, ok]);
    expect(await http.request(call())).toEqual({ id: 'one' });
    expect(seen).toHaveLength(3);
    const down = setup([refusedConnection]);
    const error = await errorOf(down.http.request(call()));
    expect(error.failure).toMatchObject({ transient: true, ambiguous: false });
    expect(error.remedy).toContain('Check that api.vendor.test can be reached');
  });

  it.each([400, 401, 403, 404, 409, 422])('does not repeat a %i, which is an answer', async (code) => {
    const { http, seen } = setup([status(code), ok]);
    const error = await errorOf(http.request(call({ ...reading })));
    expect(seen).toHaveLength(1);
    expect(error.failure).toMatchObject({ status: code, transient: false, ambiguous: false });
  });

  it('knows the vendor’s own exceptions in both directions', async () => {
    const jwt = setup([status(403, { code: 'bad_jwt' }), ok]);
    expect(await jwt.http.request(call())).toEqual({ id: 'one' });
    const paused = setup([status(540), ok]);
    expect((await errorOf(paused.http.request(call(reading)))).failure.transient).toBe(false);
    expect(paused.seen).toHaveLength(1);
    const quota = setup([status(429, { code: 'daily_quota_exceeded' }, { 'retry-after': '1' }), ok]);
    expect((await errorOf(quota.http.request(call()))).remedy).toContain('Nothing shared is used in its place');
    expect(quota.seen).toHaveLength(1);
  });
});

describe('a 429', () => {
  const at = Date.parse('2026-01-01T00:00:00Z');
  const hints: [string, Record<string, string>, number][] = [
    ['Retry-After in seconds', { 'retry-after': '7' }, 7_000],
    ['Retry-After as a date', { 'retry-after': new Date(at + 9_000).toUTCString() }, 9_000],
    ['a date that is over', { 'retry-after': new Date(at - 9_000).toUTCString() }, 0],
    ['Supabase’s seconds that are left', { 'x-ratelimit-reset': '58' }, 58_000],
    ['Vercel’s seconds since 1970', { 'x-ratelimit-reset': String(at / 1_000 + 30) }, 30_000],
    ['Vercel’s milliseconds since 1970', { 'x-ratelimit-reset': String(at + 40_000) }, 40_000],
    ['Resend’s reset', { 'ratelimit-reset': '1' }, 1_000],
    ['Retry-After before the reset', { 'retry-after': '2', 'x-ratelimit-reset': '58' }, 2_000],
    ['nothing', {}, 250],
    ['nonsense', { 'retry-after': 'soon', 'x-ratelimit-reset': 'later' }, 250],
  ];

  it.each(hints)('is repeated whatever it was, after what the vendor says: %s', async (_, headers, ms) => {
    const { http, seen } = setup([status(429, {}, headers), ok]);
    expect(await http.request(call())).toEqual({ id: 'one' });
    expect(seen.map((one) => one.at)).toEqual([0, ms]);
  });

  it('pauses its scope for everybody, and no other scope', async () => {
    const { http, seen } = setup([status(429, {}, { 'retry-after': '7' }), ok]);
    const first = http.request(call());
    await setImmediate();
    await http.request(call({ scope: 'others' }));
    await http.request(call());
    await first;
    expect(seen.filter((one) => one.at === 0 || one.at === 7_000)).toHaveLength(4);
    expect(seen.filter((one) => one.at === 7_000).length).toBeGreaterThanOrEqual(2);
  });

  it('is not waited for longer than two minutes: the next run is better', async () => {
    const { http, seen, clock } = setup([status(429, { code: 'rate_limited' }, { 'retry-after': '3600' }), ok]);
    const error = await errorOf(http.request(call()));
    expect(error.failure).toMatchObject({ status: 429, code: 'rate_limited', transient: true, ambiguous: false });
    expect(seen).toHaveLength(1);
    expect(clock.elapsed()).toBe(0);
  });

  it('ends after five attempts, too', async () => {
    const { http, seen } = setup([status(429, {}, { 'retry-after': '1' })]);
    expect((await errorOf(http.request(call()))).failure).toMatchObject({ transient: true, ambiguous: false });
    expect(seen).toHaveLength(5);
  });
});

describe('deadline and stop', () => {
  it('ends an attempt that nobody answers, whether or not it listens', async () => {
    const { http, seen } = setup([silent], { deadlineMs: 20, attempts: 2 });
    const read = await errorOf(http.request(call(reading)));
    expect(read.message).toBe('supabase: read thing got no answer: the deadline passed');
    expect(read.failure).toMatchObject({ transient: true, ambiguous: false });
    expect(seen).toHaveLength(2);
    expect((await errorOf(http.request(call()))).failure).toMatchObject({ ambiguous: true });
  });

  it('counts the body, too', async () => {
    const endless = () => new Response(new ReadableStream({ start: () => undefined }));
    const { http } = setup([endless], { deadlineMs: 20, attempts: 1 });
    expect((await errorOf(http.request(call()))).failure).toMatchObject({ transient: true, ambiguous: true });
  });

  it('is longer where a call asks for patience', async () => {
    const slow: Handler = async () => {
      await new Promise((resolve) => setTimeout(resolve, 60));
      return ok();
    };
    const { http } = setup([slow], { deadlineMs: 30, attempts: 1 });
    await expect(http.request(call())).rejects.toThrow('deadline');
    expect(await http.request(call({ patience: 20 }))).toEqual({ id: 'one' });
  });

  it('gives way at once when the run is stopped, and that is Waiting, not a failure of the vendor', async () => {
    const stop = new AbortController();
    const { http } = setup([silent], { signal: stop.signal });
    const asked = http.request(call(reading));
    await setImmediate();
    stop.abort();
    const thrown = await asked.catch((error: unknown) => error);
    expect(classify(thrown).class).toBe('waiting');
  });

  it('stops between two attempts, too', async () => {
    const stop = new AbortController();
    const { http, seen } = setup(
      [
        () => {
          stop.abort();
          return Response.json({}, { status: 500 });
        },
      ],
      { signal: stop.signal },
    );
    await expect(http.request(call(reading))).rejects.toThrow('aborted');
    expect(seen).toHaveLength(1);
  });
});

describe('errors', () => {
  it('carry operation, status, code and request id', async () => {
    const answer = status(422, { code: 'taken', message: 'Name is taken' }, { 'x-request-id': 'req-1' });
    const error = await errorOf(setup([answer]).http.request(call()));
    expect(error.message).toBe('supabase: create thing failed: Name is taken (HTTP 422, taken)');
    expect(error.failure).toEqual({
      vendor: 'supabase',
      operation: 'create thing',
      status: 422,
      code: 'taken',
      requestId: 'req-1',
      transient: false,
      ambiguous: false,
    });
  });

  it.each([401, 403])('name the variable and the least permission on a %i', async (code) => {
    const error = await errorOf(setup([status(code)]).http.request(call({ permission: 'Things write' })));
    expect(error.remedy).toBe(
      'Check SUPABASE_ACCESS_TOKEN: it is wrong, has expired, or may not create thing; it needs no more than: Things write.',
    );
    expect(error.failure.transient).toBe(false);
  });

  it.each([
    [402, {}],
    [400, { message: 'You reached the maximum limits of projects' }],
    [403, { code: 'project_quota_exceeded' }],
  ])('say on a quota (%i) that nothing shared is used instead', async (code, body) => {
    const error = await errorOf(setup([status(code, body)]).http.request(call()));
    if (code !== 403) expect(error.remedy).toContain('Nothing shared is used in its place');
    expect(error.failure).toMatchObject({ transient: false, ambiguous: false });
  });

  it('hold foreign text: one line, no control characters, no secret, not endless', async () => {
    const secret = new Secret('hunter2-hunter2');
    const text = `bad\u001b[31m ${secret.reveal()}\nnext \u202Eline ${'x'.repeat(600)}`;
    const { message } = await errorOf(setup([status(400, { message: text })]).http.request(call()));
    expect(message).toContain('bad [31m *** next line xxx');
    expect(message.length).toBeLessThan(600);
    expect(message).toContain('…');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: those must be gone
    expect(message).not.toMatch(/[\u0000-\u001f\u202e]/);
  });

  it('do not cut a secret in two', async () => {
    const secret = new Secret('canary-0123456789-canary');
    const text = `${'x'.repeat(490)}${secret.reveal()}`;
    const { message } = await errorOf(setup([status(400, { message: text })]).http.request(call()));
    expect(message).not.toContain('canary');
  });

  it('survive a body that is a web page', async () => {
    const page: Handler = () => new Response('<html>Bad gateway</html>', { status: 502, statusText: 'Bad Gateway' });
    const error = await errorOf(setup([page]).http.request(call()));
    expect(error.message).toBe('supabase: create thing failed: Bad Gateway (HTTP 502)');
  });

  it('name the field that was not as expected', async () => {
    const error = await errorOf(setup([() => Response.json({ id: 7 })]).http.request(call()));
    expect(error.message).toMatch(/create thing was answered with something unreadable: id .*expected string/);
  });

  it('become ambiguous when something of that name exists already', async () => {
    const error = await errorOf(setup([status(409, { code: 'exists' })]).http.request(call()));
    expect([hasStatus(error, 409), hasStatus(error, 404), hasCode(error, 'exists')]).toEqual([true, false, true]);
    expect(conflict(error)).toMatchObject({ message: error.message, remedy: error.remedy });
    expect(conflict(error).failure).toEqual({ ...error.failure, ambiguous: true });
  });
});

describe('fetch for an SDK', () => {
  it('gives the last answer, after the same retries, and tells the error that it amounts to', async () => {
    const failures: ProviderError[] = [];
    const { http, seen } = setup([status(500), status(404, { code: 'user_not_found', message: 'none' })]);
    const fetch = http.fetch('read owner', 'auth', { onFailure: (error) => failures.push(error) });
    const answer = await fetch('https://x.test/user');
    expect([answer.status, await answer.json()]).toEqual([404, { code: 'user_not_found', message: 'none' }]);
    expect(seen).toHaveLength(2);
    expect(failures.map(({ failure }) => failure)).toEqual([
      expect.objectContaining({ operation: 'read owner', status: 404, code: 'user_not_found' }),
    ]);
  });

  it('takes the method from the request, and sends a POST once', async () => {
    const { http, seen } = setup([status(503)]);
    const fetch = http.fetch('create owner', 'auth');
    expect((await fetch('https://x.test', { method: 'post', body: '{}' })).status).toBe(503);
    expect((await fetch(new Request('https://x.test', { method: 'POST', body: '{}' }))).status).toBe(503);
    expect(seen).toHaveLength(2);
    expect((await fetch(new Request('https://x.test'))).status).toBe(503);
    expect(seen).toHaveLength(7);
  });

  it('sends a POST again where it may be repeated, and after a 429', async () => {
    const idempotent = setup([status(503), ok]);
    await idempotent.http.fetch('x', 's', { repeatable: true })('https://x.test', { method: 'POST' });
    expect(idempotent.seen).toHaveLength(2);
    const throttled = setup([status(429, {}, { 'retry-after': '3' }), ok]);
    await throttled.http.fetch('x', 's')('https://x.test', { method: 'POST' });
    expect(throttled.seen.map(({ at }) => at)).toEqual([0, 3_000]);
  });

  it.each([
    ['a cut connection', broken],
    ['half an answer', garbage],
  ])('throws and tells the error after %s', async (_, handler) => {
    const failures: ProviderError[] = [];
    const fetch = setup([handler]).http.fetch('create owner', 's', { onFailure: (error) => failures.push(error) });
    const error = await errorOf(fetch('https://x.test', { method: 'POST' }));
    expect(error.failure).toMatchObject({ operation: 'create owner', transient: true, ambiguous: true });
    expect(failures).toEqual([error]);
  });

  it('keeps headers and the address, and can carry an answer without a body', async () => {
    const named: Handler = () => {
      const answer = new Response(null, { status: 204, headers: { link: '<next>' } });
      return Object.defineProperty(answer, 'url', { value: 'https://x.test/final' });
    };
    const answer = await setup([named]).http.fetch('x', 's')('https://x.test');
    expect([answer.status, answer.headers.get('link'), answer.url]).toEqual([204, '<next>', 'https://x.test/final']);
  });

  it('stops when the SDK’s own signal does', async () => {
    const listening: Handler = (_, init) =>
      new Promise((_resolve, reject) => {
        init.signal?.addEventListener('abort', () => reject(init.signal?.reason));
      });
    const { http } = setup([listening], { attempts: 1 });
    const stop = new AbortController();
    const asked = http.fetch('x', 's')('https://x.test', { signal: stop.signal });
    await setImmediate();
    stop.abort();
    await expect(asked).rejects.toThrow('aborted');
  });
});

describe('via, for an SDK without a fetch of its own', () => {
  const exchange = { operation: 'send mail', scope: 'mail', schema: z.object({ id: z.string() }) };

  it('retries what may be repeated, hands over the deadline, and judges the answer', async () => {
    const { http } = setup([]);
    const signals: AbortSignal[] = [];
    const send = async (signal: AbortSignal) => {
      signals.push(signal);
      return signals.length === 1 ? Response.json({}, { status: 500 }) : ok();
    };
    expect(await http.via({ ...exchange, repeatable: true }, send)).toEqual({ id: 'one' });
    expect(signals.map((signal) => signal.aborted)).toEqual([false, false]);
  });

  it('treats everything else as done once', async () => {
    const { http } = setup([]);
    let attempts = 0;
    const send = async () => {
      attempts += 1;
      return Response.json({}, { status: 500 });
    };
    expect((await errorOf(http.via(exchange, send))).failure.ambiguous).toBe(true);
    expect(attempts).toBe(1);
  });
});
