import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ManualClock, manualClock } from '../../../../tests/support/clock.ts';
import { type VendorCloud, vendorCloud } from '../../../../tests/support/vendor-cloud.ts';
import { createLimiter } from '../../lib/limiter.ts';
import { Secret } from '../../lib/secret.ts';
import { createHttp } from '../http.ts';
import { resendBudget, resendClient, resendVendor } from './client.ts';

const mail = {
  from: 'Example <hello@mail.example>',
  to: 'owner@acme.example',
  replyTo: 'support@mail.example',
  subject: 'Acme is ready',
  html: '<p>Hello</p>',
  text: 'Hello',
};

function open(apiKey: string, baseUrl: string, clock: ManualClock = manualClock()) {
  const account = { apiKey: new Secret(apiKey), baseUrl };
  const policy = { clock, deadlineMs: 2_000, random: () => 0 };
  return resendClient(account, createHttp(resendVendor(account), policy, createLimiter(clock, resendBudget)));
}

describe('against the local cloud', () => {
  let world: VendorCloud;
  beforeEach(async () => {
    world = await vendorCloud({ port: 0 });
  });
  afterEach(() => world.close());

  const resend = (key = world.environment.RESEND_API_KEY ?? '') => open(key, world.environment.RESEND_BASE_URL ?? '');
  const mails = async () => {
    const answer = await world.cloud.fetch(new Request(`${world.cloud.origin}/_cloud/state`));
    return ((await answer.json()) as { mails: { id: string; to: string[]; subject: string }[] }).mails;
  };

  it('sends a mail and tells its id and what became of it', async () => {
    const id = await resend().send(mail, 'uid-1-1');
    expect(await mails()).toMatchObject([{ id, to: ['owner@acme.example'], subject: 'Acme is ready' }]);
    expect(await resend().lastEvent(id)).toMatch(/^(sent|delivered)$/);
  });

  it('sends one mail for one key, however often it is asked', async () => {
    const ids = [await resend().send(mail, 'uid-1-1'), await resend().send(mail, 'uid-1-1')];
    expect(new Set(ids).size).toBe(1);
    expect(await mails()).toHaveLength(1);
  });

  it('knows that another mail went out under this key', async () => {
    await resend().send(mail, 'uid-1-1');
    expect(await resend().send({ ...mail, text: 'Hello again' }, 'uid-1-1')).toBe('already-sent');
    expect(await mails()).toHaveLength(1);
  });

  it('sends one mail when the answer is lost', async () => {
    await world.fault({ service: 'resend', method: 'POST', effect: 'drop-after-commit' });
    const id = await resend().send(mail, 'uid-1-1');
    expect((await mails()).map((one) => one.id)).toEqual([id]);
  });

  it.each([
    ['a rate limit', { status: 429, body: { statusCode: 429, name: 'rate_limit_exceeded', message: 'slow' } }],
    ['an error of the server', { status: 500, body: { statusCode: 500, name: 'internal_server_error', message: '' } }],
    ['a proxy’s page', { status: 502, body: '<html>Bad gateway</html>' }],
    [
      'a request of its own under way',
      { status: 409, body: { statusCode: 409, name: 'concurrent_idempotent_requests', message: '' } },
    ],
  ])('tries again after %s', async (_what, fault) => {
    await world.fault({ service: 'resend', method: 'POST', effect: 'status', ...fault });
    await resend().send(mail, 'uid-1-1');
    expect(await mails()).toHaveLength(1);
  });

  it('tries again after a broken answer, and still sends one mail', async () => {
    await world.fault({ service: 'resend', method: 'POST', effect: 'garbage' });
    await resend().send(mail, 'uid-1-1');
    expect(await mails()).toHaveLength(1);
  });

  it('does not insist when a quota is used up, and names it', async () => {
    const body = {
      statusCode: 429,
      name: 'daily_quota_exceeded',
      message: 'You have reached your daily sending quota.',
    };
    await world.fault({ service: 'resend', count: 'always', effect: 'status', status: 429, body });
    await expect(resend().send(mail, 'uid-1-1')).rejects.toMatchObject({
      failure: { code: 'daily_quota_exceeded', transient: false },
      remedy: expect.stringContaining('quota'),
    });
    expect(await world.writes()).toEqual(['POST /emails']);
  });

  it('names the variable when the key is wrong', async () => {
    await expect(resend('re_wrong_0000000000').send(mail, 'uid-1-1')).rejects.toMatchObject({
      failure: { status: 403, code: 'invalid_api_key' },
      remedy: expect.stringContaining('RESEND_API_KEY'),
    });
  });

  it('names the sender when its domain is not verified', async () => {
    await expect(resend().send({ ...mail, from: 'hello@gmail.com' }, 'uid-1-1')).rejects.toMatchObject({
      failure: { status: 403, code: 'validation_error' },
      remedy: expect.stringContaining('mail.from in fleet.yaml'),
    });
  });

  it('is content with a key that may only send: then nobody knows what became of the mail', async () => {
    const body = {
      statusCode: 401,
      name: 'restricted_api_key',
      message: 'This API key is restricted to only send emails',
    };
    await world.fault({ service: 'resend', method: 'GET', count: 'always', effect: 'status', status: 401, body });
    expect(await resend().lastEvent('mail-1')).toBeUndefined();
  });

  it('does not know a mail that Resend has forgotten', async () => {
    expect(await resend().lastEvent('b3a0a7e4-0000-4000-8000-000000000000')).toBeUndefined();
  });
});

describe('against a server of its own', () => {
  let server: Server;
  afterEach(() => new Promise((done) => server.close(done)));

  /** Answers nothing. */
  async function silence(): Promise<string> {
    server = createServer(() => undefined);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  it('gives up at the deadline, and says that nothing was heard', async () => {
    const url = await silence();
    const account = { apiKey: new Secret('re_key_0000000000'), baseUrl: url };
    const clock = manualClock();
    const http = createHttp(resendVendor(account), { clock, deadlineMs: 50, attempts: 2 }, createLimiter(clock));
    await expect(resendClient(account, http).send(mail, 'k')).rejects.toMatchObject({
      message: expect.stringContaining('got no answer: the deadline passed'),
      failure: { transient: true },
    });
    server.closeAllConnections();
  });
});

describe('resendBudget', () => {
  it('is five requests a second for everybody together', () => {
    expect(resendBudget()).toEqual({ windows: [{ requests: 5, perMs: 1_000 }] });
  });
});
