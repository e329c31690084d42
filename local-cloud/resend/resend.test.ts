import { Resend } from 'resend';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Answer, aContext, at, type ManualClock, manualClock, textAt } from '../vercel/testing.ts';
import { type ResendOptions, type ResendService, resendService } from './service.ts';

const apiKey = 're_test';
const mail = { from: 'Ops <ops@mail.example>', to: 'owner@acme.example', subject: 'Welcome', text: 'Hello' };

interface TestResend {
  clock: ManualClock;
  service: ResendService;
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
}

function aResend(options: Partial<ResendOptions> = {}, clock = manualClock()): TestResend {
  const service = resendService(aContext(clock), { apiKey, acceptMs: 0, ...options });
  const call: TestResend['call'] = async (method, path, body, headers = {}) => {
    const request = new Request(`http://resend.test${path}`, {
      method,
      headers: { authorization: `Bearer ${apiKey}`, ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const response = await service.fetch(request);
    return { status: response.status, body: await response.json() };
  };
  return { clock, service, call };
}

const withKey = (key: string) => ({ 'idempotency-key': key });

describe('who may send', () => {
  it.each([
    [{ authorization: '' }, 401, 'missing_api_key'],
    [{ authorization: 'Bearer re_other' }, 403, 'invalid_api_key'],
  ])('refuses %j', async (headers, status, name) => {
    const { call, service } = aResend();
    const answer = await call('POST', '/emails', mail, headers);
    expect(answer).toMatchObject({ status, body: { statusCode: status, name } });
    expect(service.mails()).toEqual([]);
  });

  it('lets a sending key send and nothing else', async () => {
    const { call } = aResend({ sendingKey: 're_send' });
    const headers = { authorization: 'Bearer re_send' };
    const sent = await call('POST', '/emails', mail, headers);
    expect(sent.status).toBe(200);
    const read = await call('GET', `/emails/${textAt(sent, 'id')}`, undefined, headers);
    expect(read).toMatchObject({ status: 401, body: { name: 'restricted_api_key' } });
  });

  it('answers 501 for what it does not emulate', async () => {
    const { call } = aResend();
    expect((await call('POST', '/domains', {})).status).toBe(501);
    expect((await call('POST', '/emails', { ...mail, attachments: [] })).status).toBe(501);
  });
});

describe('what may be sent', () => {
  it('answers with an id, and the mail is in the inbox', async () => {
    const { call, service } = aResend();
    const answer = await call('POST', '/emails', { ...mail, html: '<p>Hello</p>', reply_to: 'help@mail.example' });
    expect(answer.status).toBe(200);
    expect(textAt(answer, 'id')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(service.mails()).toMatchObject([
      { id: textAt(answer, 'id'), to: ['owner@acme.example'], html: '<p>Hello</p>', replyTo: ['help@mail.example'] },
    ]);
  });

  it.each([
    [{ ...mail, from: undefined }, 422, 'missing_required_field'],
    [{ ...mail, to: undefined }, 422, 'missing_required_field'],
    [{ ...mail, subject: '' }, 422, 'missing_required_field'],
    [{ ...mail, text: undefined }, 422, 'validation_error'],
    [{ ...mail, to: 'nobody' }, 422, 'validation_error'],
    [{ ...mail, to: [] }, 422, 'validation_error'],
    [{ ...mail, to: Array.from({ length: 51 }, (_, n) => `p${n}@acme.example`) }, 422, 'validation_error'],
    [{ ...mail, to: 'a@acme.example\r\nBcc: b@evil.example' }, 422, 'validation_error'],
    [{ ...mail, from: 'a@mail.example\nBcc: b@evil.example' }, 422, 'validation_error'],
    [{ ...mail, subject: 'Hi\r\nBcc: b@evil.example' }, 422, 'validation_error'],
    [{ ...mail, tags: [{ name: 'a b', value: 'c' }] }, 422, 'validation_error'],
    [{ ...mail, scheduled_at: 'soon' }, 422, 'validation_error'],
    [{ ...mail, colour: 'red' }, 422, 'validation_error'],
    ['not json', 422, 'validation_error'],
    [{ ...mail, from: 'ops@elsewhere.test' }, 403, 'validation_error'],
  ])('refuses %j', async (body, status, name) => {
    const { call, service } = aResend();
    expect(await call('POST', '/emails', body)).toMatchObject({ status, body: { name } });
    expect(service.mails()).toEqual([]);
  });

  it('knows only the domains it was given', async () => {
    const { call } = aResend({ verifiedDomains: ['ops.test'] });
    expect((await call('POST', '/emails', mail)).status).toBe(403);
    expect((await call('POST', '/emails', { ...mail, from: 'Ops <x@ops.test>' })).status).toBe(200);
  });
});

describe('idempotency keys', () => {
  it('repeats the answer without a second mail, whatever the order of the fields', async () => {
    const { call, service } = aResend();
    const first = await call('POST', '/emails', mail, withKey('uid-1'));
    const turned = Object.fromEntries(Object.entries(mail).toReversed());
    const again = await call('POST', '/emails', turned, withKey('uid-1'));
    expect(again).toEqual(first);
    expect(service.mails()).toHaveLength(1);
  });

  it('refuses the key for another payload', async () => {
    const { call, service } = aResend();
    await call('POST', '/emails', mail, withKey('uid-1'));
    const other = await call('POST', '/emails', { ...mail, subject: 'Changed' }, withKey('uid-1'));
    expect(other).toMatchObject({ status: 409, body: { name: 'invalid_idempotent_request' } });
    expect(service.mails()).toHaveLength(1);
  });

  it('refuses a second request while the first is under way', async () => {
    const { call, clock, service } = aResend({ acceptMs: 50 });
    const first = call('POST', '/emails', mail, withKey('uid-1'));
    const second = await call('POST', '/emails', mail, withKey('uid-1'));
    expect(second).toMatchObject({ status: 409, body: { name: 'concurrent_idempotent_requests' } });
    clock.advance(50);
    const { body } = await first;
    expect((await call('POST', '/emails', mail, withKey('uid-1'))).body).toEqual(body);
    expect(service.mails()).toHaveLength(1);
  });

  it('forgets a key after a day', async () => {
    const { call, clock, service } = aResend();
    await call('POST', '/emails', mail, withKey('uid-1'));
    clock.advance(24 * 3_600_000 - 1);
    await call('POST', '/emails', mail, withKey('uid-1'));
    expect(service.mails()).toHaveLength(1);
    clock.advance(1);
    await call('POST', '/emails', mail, withKey('uid-1'));
    expect(service.mails()).toHaveLength(2);
  });

  it('keeps a key free when the request was refused', async () => {
    const { call } = aResend();
    await call('POST', '/emails', { ...mail, to: 'nobody' }, withKey('uid-1'));
    expect((await call('POST', '/emails', mail, withKey('uid-1'))).status).toBe(200);
  });

  it('refuses a key of more than 256 characters', async () => {
    const { call } = aResend();
    expect((await call('POST', '/emails', mail, withKey('k'.repeat(256)))).status).toBe(200);
    const long = await call('POST', '/emails', mail, withKey('k'.repeat(257)));
    expect(long).toMatchObject({ status: 400, body: { name: 'invalid_idempotency_key' } });
  });

  it('remembers keys and mails over a restart', async () => {
    const before = aResend();
    const first = await before.call('POST', '/emails', mail, withKey('uid-1'));
    const saved: unknown = JSON.parse(JSON.stringify(before.service.save()));
    const after = aResend({ saved }, before.clock);
    expect(await after.call('POST', '/emails', mail, withKey('uid-1'))).toEqual(first);
    expect(after.service.mails()).toHaveLength(1);
    expect(() => aResend({ saved: { mails: 3 } })).toThrow();
  });
});

describe('what became of a mail', () => {
  it('goes from queued over sent to delivered', async () => {
    const { call, clock } = aResend();
    const id = textAt(await call('POST', '/emails', mail), 'id');
    const seen: unknown[] = [];
    for (const wait of [0, 1_000, 1_000]) {
      clock.advance(wait);
      seen.push(at(await call('GET', `/emails/${id}`), 'last_event'));
    }
    expect(seen).toEqual(['queued', 'sent', 'delivered']);
  });

  it('bounces where the local part says so', async () => {
    const { call, clock, service } = aResend();
    await call('POST', '/emails', { ...mail, to: ['Owner <will-bounce@acme.example>'] });
    await call('POST', '/emails', { ...mail, to: ['owner@bounce.example'] });
    clock.advance(2_000);
    expect(service.mails().map(({ lastEvent }) => lastEvent)).toEqual(['delivered', 'bounced']);
  });

  it('waits for the hour it is scheduled for', async () => {
    const { call, clock } = aResend();
    const at9 = new Date(clock.now() + 3_600_000).toISOString();
    const id = textAt(await call('POST', '/emails', { ...mail, scheduled_at: at9 }), 'id');
    expect(at(await call('GET', `/emails/${id}`), 'last_event')).toBe('scheduled');
    clock.advance(3_602_000);
    expect(at(await call('GET', `/emails/${id}`), 'last_event')).toBe('delivered');
  });

  it('lists newest first and pages by id, without bodies', async () => {
    const { call } = aResend();
    const ids: string[] = [];
    for (let n = 0; n < 3; n++) ids.push(textAt(await call('POST', '/emails', { ...mail, subject: `${n}` }), 'id'));
    const first = await call('GET', '/emails?limit=2');
    expect(first.body).toMatchObject({ object: 'list', has_more: true, data: [{ id: ids[2] }, { id: ids[1] }] });
    expect(at(first, 'data.0.text')).toBeUndefined();
    const second = await call('GET', `/emails?limit=2&after=${ids[1]}`);
    expect(second.body).toMatchObject({ has_more: false, data: [{ id: ids[0] }] });
    expect((await call('GET', '/emails?limit=101')).status).toBe(422);
    expect((await call('GET', '/emails/none')).status).toBe(404);
  });
});

it('hides what is new while the cloud asks for stale lists', async () => {
  const { call, clock } = aResend();
  await call('POST', '/emails', mail);
  const listed = async () => at(await call('GET', '/emails', undefined, { 'x-cloud-stale': '5000' }), 'data.length');
  expect(await listed()).toBe(0);
  clock.advance(5_000);
  expect(await listed()).toBe(1);
});

describe('the vendor’s own SDK', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('sends, repeats and reads', async () => {
    const { clock, service } = aResend();
    vi.stubGlobal('fetch', (url: string, init: RequestInit) => service.fetch(new Request(url, init)));
    const resend = new Resend(apiKey, { baseUrl: 'http://resend.test' });
    const first = await resend.emails.send(mail, { idempotencyKey: 'uid-1' });
    const again = await resend.emails.send(mail, { idempotencyKey: 'uid-1' });
    expect(first.error).toBeNull();
    expect(again.data?.id).toBe(first.data?.id);
    const refused = await resend.emails.send({ ...mail, subject: 'Changed' }, { idempotencyKey: 'uid-1' });
    expect(refused.error).toMatchObject({ name: 'invalid_idempotent_request', statusCode: 409 });
    clock.advance(2_000);
    const read = await resend.emails.get(first.data?.id ?? '');
    expect(read.data).toMatchObject({ last_event: 'delivered', to: ['owner@acme.example'], text: 'Hello' });
  });
});
