import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AgencyCloud, agencyCloud, type MadeOwner } from '../../../../tests/support/agency-cloud.ts';
import { manualClock } from '../../../../tests/support/clock.ts';
import { aKeyring } from '../../../../tests/support/hands.ts';
import { type RunOptions, runKind } from '../../../../tests/support/vendor-cloud.ts';
import { keyring } from '../../lib/keyring.ts';
import { Secret } from '../../lib/secret.ts';
import { passwordLabel, welcomeOf } from '../handover.ts';
import { resendWelcome, type WelcomeInputs } from './welcome.ts';

let world: AgencyCloud;
let owner: MadeOwner;
let before: number;
beforeAll(async () => {
  world = await agencyCloud();
}, 120_000);
afterAll(() => world.close());
beforeEach(async () => {
  await world.calm();
  owner = await world.anOwner();
  before = (await world.mails()).length;
  await world.forget();
});

function inputs(over: Partial<WelcomeInputs> = {}): WelcomeInputs {
  return {
    from: 'Example <hello@mail.example>',
    support: 'support@mail.example',
    ownerName: 'Acme Owner',
    agencyName: 'Acme Studio',
    url: 'https://acme.vercel.app',
    supabaseUrl: world.url,
    secretKey: world.secretKey,
    userId: owner.userId,
    email: owner.email,
    password: owner.password,
    generation: '1',
    ...over,
  };
}

const kind = () => resendWelcome(world.resend, world.instances);
const run = (over: Partial<WelcomeInputs> = {}, options: RunOptions = {}) =>
  runKind(kind(), inputs(over), { agency: owner.agency, ...options });
const newMails = async () => (await world.mails()).slice(0, (await world.mails()).length - before);
const welcome = async () => welcomeOf(await world.markOf(owner.userId));

async function bodyOf(id: string): Promise<{ html: string; text: string; to: string[] }> {
  const headers = { authorization: `Bearer ${world.environment.RESEND_API_KEY}` };
  const answer = await world.cloud.fetch(new Request(`${world.environment.RESEND_BASE_URL}/emails/${id}`, { headers }));
  return (await answer.json()) as { html: string; text: string; to: string[] };
}

/** The mail was begun at this time, and what came of it was never heard. */
async function begin(at: string, generation = '1') {
  const mark = await world.markOf(owner.userId);
  await world.setMark(owner.userId, { ...mark, welcome: { generation, at } });
}

describe('resend.welcome', () => {
  it('mails a password that works to the owner', async () => {
    const done = await run();
    expect(done).toMatchObject({ result: 'created', outputs: { mailId: done.id } });
    const { text, to } = await bodyOf(done.id);
    expect(to).toEqual([owner.email]);
    const [, mailed = ''] = /^Temporary password: (.*)$/m.exec(text) ?? [];
    expect(await world.signsIn(owner.email, mailed)).toBe(true);
  });

  it('notes that it begins before it sends, and the id after', async () => {
    const { id } = await run();
    const acts = (await world.writes()).map((write) =>
      write.replace(/\/[a-z]{20}\/auth/, '/auth').replace(/users\/.*/, 'users/{id}'),
    );
    expect(acts).toEqual(['PUT /auth/v1/admin/users/{id}', 'POST /emails', 'PUT /auth/v1/admin/users/{id}']);
    expect(await welcome()).toEqual({
      generation: '1',
      at: '2026-01-01T00:00:00Z',
      to: owner.email,
      id,
    });
  });

  it('keeps the rest of the owner’s mark, and no password in it', async () => {
    const mark = await world.markOf(owner.userId);
    await run();
    expect(await world.markOf(owner.userId)).toMatchObject(mark);
    expect(JSON.stringify(await world.markOf(owner.userId))).not.toContain(owner.password.reveal());
  });

  it('records the mail and its generation, and sends nothing the second time', async () => {
    const { id, recorded } = await run();
    expect(recorded).toEqual({ id, generation: '1' });
    await world.forget();
    expect((await run({}, { recorded })).result).toBe('unchanged');
    expect(await world.writes()).toEqual([]);
  });

  it('recovers what it sent and could not record', async () => {
    const { id } = await run();
    await world.forget();
    expect(await run()).toMatchObject({ result: 'recovered', id });
    expect(await world.writes()).toEqual([]);
  });

  it.each([
    ['before the mail', { service: 'project', method: 'PUT', path: '/admin/users/', nth: 1 }],
    ['of the mail', { service: 'resend', method: 'POST' }],
    ['after the mail', { service: 'project', method: 'PUT', path: '/admin/users/', nth: 2 }],
  ])('sends one mail when the answer %s is lost for good, and the next run goes on', async (_which, where) => {
    await world.fault({ ...where, count: 'always', effect: 'drop-after-commit' });
    await expect(run()).rejects.toMatchObject({ class: 'provider' });
    await world.calm();
    const done = await run();
    expect((await newMails()).map(({ id }) => id)).toEqual([done.id]);
    expect(await welcome()).toMatchObject({ id: done.id });
  });

  it('sends nothing where it could not note that it begins', async () => {
    await world.fault({
      service: 'project',
      method: 'PUT',
      path: '/admin/users/',
      count: 'always',
      effect: 'drop-before',
    });
    await expect(run()).rejects.toMatchObject({ class: 'provider' });
    expect(await newMails()).toEqual([]);
  });

  it('takes it as sent when the mail that went out had another content', async () => {
    await world.fault({
      service: 'project',
      method: 'PUT',
      path: '/admin/users/',
      nth: 2,
      count: 'always',
      effect: 'drop-before',
    });
    await run().catch(() => undefined);
    await world.calm();
    const done = await run({ agencyName: 'Acme Studio & Sons' });
    expect(done).toMatchObject({ result: 'created', id: `sent:${owner.agency.uid}-1` });
    expect(await newMails()).toHaveLength(1);
    expect((await run({}, { recorded: done.recorded })).result).toBe('unchanged');
  });

  it('waits for nothing', async () => {
    const clock = manualClock();
    await run({}, { clock });
    expect(clock.slept).toEqual([]);
  });

  it('mails a new generation under a key of its own', async () => {
    const { recorded } = await run();
    const password = aKeyring().password('second');
    const next = await run({ generation: '2', password }, { recorded: { ...recorded, generation: '2' } });
    expect(next.recorded).toEqual({ id: next.id, generation: '2' });
    expect((await bodyOf(next.id)).text).toContain(password.reveal());
    expect(await newMails()).toHaveLength(2);
  });

  it('never goes back to an earlier generation', async () => {
    const { id } = await run({ generation: '2' });
    expect(await run({ generation: '1' })).toMatchObject({ id, recorded: { id, generation: '2' } });
    expect(await newMails()).toHaveLength(1);
  });
});

describe('a mail that was begun and never heard of', () => {
  it('is sent again under the same key while Resend knows that key', async () => {
    await begin('2025-12-31T00:00:01Z');
    expect((await run()).result).toBe('created');
    expect(await welcome()).toMatchObject({ at: '2025-12-31T00:00:01Z' });
  });

  it('is a person’s to decide after a day', async () => {
    await begin('2025-12-31T00:00:00Z');
    await expect(run()).rejects.toMatchObject({
      class: 'blocked',
      message: expect.stringContaining('begun at 2025-12-31T00:00:00Z and nobody knows whether it was sent'),
      remedy: expect.stringContaining(`mail resend ${owner.agency.slug}`),
    });
    expect(await newMails()).toEqual([]);
  });

  it('came all the same where somebody has signed in since', async () => {
    await begin('2025-01-01T00:00:00Z');
    await world.signsIn(owner.email, owner.password.reveal());
    expect(await run()).toMatchObject({ result: 'recovered', id: `sent:${owner.agency.uid}-1` });
    expect(await newMails()).toEqual([]);
  });

  it('is a person’s to decide where status has forgotten its generation', async () => {
    await begin('2025-12-31T23:00:00Z', '3');
    await expect(run()).rejects.toMatchObject({
      class: 'blocked',
      message: expect.stringContaining('the owner’s first password is of generation 3, status knows of 1'),
      remedy: expect.stringContaining(`mail resend ${owner.agency.slug}`),
    });
    expect(await newMails()).toEqual([]);
  });

  it('does not hold up a new generation', async () => {
    await begin('2025-01-01T00:00:00Z');
    expect((await run({ generation: '2' })).result).toBe('created');
  });

  it('counts the day on the clock that it is given', async () => {
    await begin('2025-12-31T12:00:00Z');
    const clock = manualClock(Date.parse('2026-01-01T12:00:01Z'));
    await expect(run({}, { clock })).rejects.toMatchObject({ class: 'blocked' });
  });
});

describe('a mail that Resend refuses', () => {
  const body = { statusCode: 403, name: 'validation_error', message: 'The mail.example domain is not verified.' };
  const refusal = { service: 'resend', method: 'POST', path: '/emails', effect: 'status', status: 403, body };
  const later = () => manualClock(Date.parse('2026-01-03T00:00:00Z'));

  it.each([
    [403, 'validation_error'],
    [422, 'invalid_from_address'],
    [429, 'daily_quota_exceeded'],
  ])('was never begun (%d %s), so that a later run simply tries again', async (status, name) => {
    const { welcome: none, ...mark } = await world.markOf(owner.userId);
    expect(none).toBeUndefined();
    await world.fault({ ...refusal, status, body: { ...body, statusCode: status, name }, count: 'always' });
    await expect(run()).rejects.toMatchObject({ failure: { status, ambiguous: false } });
    expect(await world.markOf(owner.userId)).toEqual(mark);
    await world.calm();
    expect((await run({}, { clock: later() })).result).toBe('created');
    expect(await newMails()).toHaveLength(1);
  });

  it('is what a person hears of, even where that cannot be noted either', async () => {
    await world.fault({ ...refusal, count: 'always' });
    const put = { service: 'project', method: 'PUT', path: '/admin/users/', nth: 2, count: 'always' };
    await world.fault({ ...put, effect: 'status', status: 403, body: { code: 403, msg: 'no notes today' } });
    await expect(run()).rejects.toMatchObject({
      message: expect.stringContaining(body.message),
      remedy: expect.stringContaining('Verify the domain'),
      failure: { vendor: 'resend', status: 403, ambiguous: false },
      cause: { errors: [{ failure: { vendor: 'resend' } }, { message: expect.stringContaining('no notes today') }] },
    });
    expect(await welcome()).toMatchObject({ generation: '1', to: owner.email });
    await world.calm();
    expect((await run()).result).toBe('created');
    expect(await newMails()).toHaveLength(1);
  });

  it('leaves the mail before it noted', async () => {
    const { id } = await run();
    await world.fault({ ...refusal, count: 'always' });
    await expect(run({ generation: '2' })).rejects.toMatchObject({ failure: { status: 403 } });
    expect(await welcome()).toMatchObject({ generation: '1', id });
  });

  it('may have gone out all the same where an attempt before was not answered', async () => {
    await world.fault({ service: 'resend', method: 'POST', effect: 'drop-after-commit' });
    await world.fault({ ...refusal, nth: 2, count: 'always' });
    await expect(run()).rejects.toMatchObject({ failure: { status: 403 } });
    expect(await welcome()).toMatchObject({ generation: '1', to: owner.email });
    await world.calm();
    const done = await run();
    expect((await newMails()).map(({ id }) => id)).toEqual([done.id]);
  });

  it('may have gone out all the same where an earlier run began it', async () => {
    await begin('2025-12-31T23:00:00Z');
    await world.fault({ ...refusal, count: 'always' });
    await expect(run()).rejects.toMatchObject({ failure: { status: 403 } });
    expect(await welcome()).toMatchObject({ at: '2025-12-31T23:00:00Z' });
  });
});

describe('a mail that went to another address than the manifest names', () => {
  const right = 'right@acme.example';
  const elsewhere = {
    class: 'blocked',
    message: expect.stringContaining('went to another address than the manifest names'),
    remedy: expect.stringContaining('mail resend'),
  };

  it('has not reached the owner while nobody signed in, and it is not repeated by itself', async () => {
    const { recorded } = await run();
    await expect(run({ email: right }, { recorded })).rejects.toMatchObject(elsewhere);
    expect(await newMails()).toHaveLength(1);
    const password = aKeyring().password('second');
    const next = await run({ email: right, generation: '2', password }, { recorded: { generation: '2' } });
    expect(next.result).toBe('created');
    expect((await bodyOf(next.id)).to).toEqual([right]);
  });

  it('is one of the same address in another spelling', async () => {
    const { recorded } = await run();
    expect((await run({ email: owner.email.toUpperCase() }, { recorded })).result).toBe('unchanged');
  });

  it('is no trouble once the owner has signed in', async () => {
    const { recorded } = await run();
    await world.signsIn(owner.email, owner.password.reveal());
    expect((await run({ email: right }, { recorded })).result).toBe('unchanged');
  });

  it('stays so when the address is put back, because its password is void by then', async () => {
    const { recorded } = await run();
    const mark = await world.markOf(owner.userId);
    await world.setMark(owner.userId, { ...mark, welcome: { ...mark.welcome, to: '' } });
    await expect(run({}, { recorded })).rejects.toMatchObject(elsewhere);
  });

  it('is not sent to the right one under the key of a mail whose fate is unknown', async () => {
    await begin('2025-12-31T23:00:00Z');
    const mark = await world.markOf(owner.userId);
    await world.setMark(owner.userId, { ...mark, welcome: { ...mark.welcome, to: 'wrong@acme.example' } });
    await expect(run()).rejects.toMatchObject(elsewhere);
    expect(await newMails()).toEqual([]);
  });
});

describe('a first password that was never mailed', () => {
  it('is noticed where status has forgotten that it was asked for', async () => {
    await run();
    await world.setMark(owner.userId, { ...(await world.markOf(owner.userId)), generation: '2' });
    await expect(run()).rejects.toMatchObject({
      message: expect.stringContaining('is of generation 2, status knows of 1'),
    });
  });
});

describe('an owner with a password of their own', () => {
  it('is mailed none', async () => {
    await world.setMark(owner.userId, { uid: owner.agency.uid, role: 'owner' });
    await world.signsIn(owner.email, owner.password.reveal());
    expect(await run()).toMatchObject({ result: 'recovered', id: `kept:${owner.agency.uid}-1` });
    expect(await newMails()).toEqual([]);
  });
});

describe('a mail that must not go out', () => {
  it('is one to a user who is not the owner', async () => {
    const { randomUUID } = await import('node:crypto');
    await expect(run({ userId: randomUUID() })).rejects.toMatchObject({ class: 'blocked' });
    expect(await newMails()).toEqual([]);
  });

  it('is one to the owner of another agency', async () => {
    await world.setMark(owner.userId, { ...(await world.markOf(owner.userId)), uid: 'uid-of-another' });
    await expect(run()).rejects.toMatchObject({ class: 'blocked' });
    expect(await newMails()).toEqual([]);
  });

  it('is one with another password than the one that was accepted', async () => {
    const accepted = aKeyring().fingerprint(passwordLabel(owner.agency.uid, '1', owner.password));
    await world.setMark(owner.userId, { ...(await world.markOf(owner.userId)), accepted });
    const rotated = keyring(
      new Secret('another-provisioner-secret-000'),
      new Secret('test-provisioner-secret-0123456789abcdef'),
    );
    const password = rotated.password(`owner:${owner.agency.uid}:1`);
    await expect(run({ password }, { keyring: rotated })).rejects.toMatchObject({
      class: 'blocked',
      remedy: expect.stringContaining('PROVISIONER_SECRET has changed'),
    });
    expect(await newMails()).toEqual([]);
    expect((await run()).result).toBe('created');
  });
});

describe('what became of the mail', () => {
  const event = (last_event: string) => ({
    ...{ service: 'resend', method: 'GET', count: 'always', effect: 'status', status: 200 },
    body: { object: 'email', id: 'x', last_event },
  });

  it.each(['bounced', 'complained', 'suppressed', 'failed'])(
    'is a failure when it %s, and it is not sent again',
    async (last) => {
      const { recorded } = await run();
      await world.fault(event(last));
      await expect(run({}, { recorded })).rejects.toMatchObject({
        message: expect.stringContaining(`was ${last}`),
        remedy: expect.stringContaining('mail resend'),
      });
      expect(await newMails()).toHaveLength(1);
    },
  );

  it.each(['queued', 'delivery_delayed', 'opened', 'something_new'])('is not a failure when it is %s', async (last) => {
    await world.fault(event(last));
    expect((await run()).result).toBe('created');
  });

  it('is nothing to ask about where only the key is known', async () => {
    const mark = await world.markOf(owner.userId);
    const id = `sent:${owner.agency.uid}-1`;
    const at = '2026-01-01T00:00:00Z';
    await world.setMark(owner.userId, { ...mark, welcome: { generation: '1', at, id } });
    await world.forget();
    expect((await run({}, { recorded: { id, generation: '1' } })).result).toBe('unchanged');
    expect((await world.requests()).filter((request) => request.includes('/emails'))).toEqual([]);
  });
});
