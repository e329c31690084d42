import { describe, expect, it, test } from 'vitest';
import { anAgency } from '../../tests/support/agency-manifest.ts';
import { openControlRoom } from '../../tests/support/control-room.ts';
import { instanceOf, mailsTo, mailTo, signIn } from '../../tests/support/people.ts';
import type { Sent } from '../../tests/support/traffic.ts';

const room = await openControlRoom();
const agency = anAgency();
const file = agency.file;

/** A look is a GET, a list of SQL that only reads, or a sign-in; everything else acts. */
function acts(method: string, path: string): boolean {
  return method !== 'GET' && !path.includes('/database/query/read-only') && !path.includes('/token');
}

test('before the first mail there is nothing to send again', async () => {
  await room.write(agency);
  await expect(room.resendMail(agency.slug)).rejects.toMatchObject({
    class: 'blocked',
    remedy: expect.stringContaining(`apply ${agency.slug}`),
  });
  await expect(room.resendMail('nobody')).rejects.toMatchObject({ class: 'manifest' });
  expect(room.writes()).toEqual([]);
});

test('the wish is recorded before anything is done, so that a plain apply goes on after a crash', async () => {
  expect((await room.apply()).report.result).toBe('done');
  const stop = new AbortController();
  let recorded = '';
  room.intercept(({ method, path, to }) => {
    if (to === 'github' || !acts(method, path)) return undefined;
    stop.abort();
    return new Response('gone', { status: 500 });
  });
  await room.resendMail(agency.slug, {
    signal: stop.signal,
    onEvent: (event) => {
      if (event.type === 'plan') recorded = 'planned';
    },
  });
  room.intercept();
  expect(recorded).toBe('planned');
  const status = await room.status(agency.slug);
  expect(status.resources['resend.welcome']).toEqual({ generation: '2' });
  expect(status.conditions.find(({ type }) => type === 'Notified')).toMatchObject({ status: 'False' });
  expect((await room.state()).mails).toHaveLength(1);

  expect((await room.apply()).report.result).toBe('done');
  expect((await room.state()).mails).toHaveLength(2);
  expect((await room.status(agency.slug)).resources['resend.welcome']).toMatchObject({ generation: '2' });
});

test('a wish that was never fulfilled is not counted up by asking again', async () => {
  await room.setStatus(agency.slug, (status) => ({
    ...status,
    resources: { ...status.resources, 'resend.welcome': { generation: '3' } },
  }));
  expect((await room.resendMail(agency.slug)).report.result).toBe('done');
  expect((await room.status(agency.slug)).resources['resend.welcome']).toMatchObject({ generation: '3' });
  expect((await room.state()).mails).toHaveLength(3);
});

test('what people wrote stays byte for byte', async () => {
  expect(await room.read(file)).toContain(agency.text().trimEnd());
});

const DAY_MS = 24 * 60 * 60_000;
const notified = async (slug: string) => (await room.status(slug)).conditions.find(({ type }) => type === 'Notified');
const isMail = ({ to, method }: Sent) => to === 'resend' && method === 'POST';

async function established(slug: string) {
  const one = anAgency(slug);
  await room.write(one);
  const { report, text } = await room.apply([slug]);
  expect(report.result, text).toBe('done');
  return { one, instance: await instanceOf(room, slug), first: await mailTo(room, one.owner.email) };
}

describe('a second mail', () => {
  it('that was begun and never heard of is followed by a third, a day later', async () => {
    const { one, instance } = await established('never-heard');
    room.intercept((sent) => (isMail(sent) ? new Response('', { status: 500 }) : undefined));
    expect((await room.resendMail(one.slug)).report.result).toBe('failed');
    room.intercept();
    expect((await room.status(one.slug)).resources['resend.welcome']).toEqual({ generation: '2' });
    room.clock.advance(DAY_MS);
    const { report, text } = await room.apply([one.slug]);
    expect([report.result, text]).toEqual(['blocked', expect.stringContaining('nobody knows whether it was sent')]);

    expect((await room.resendMail(one.slug)).report.result).toBe('done');
    expect((await room.status(one.slug)).resources['resend.welcome']).toMatchObject({ generation: '3' });
    const [, second] = await mailsTo(room, one.owner.email);
    expect((await signIn(room, instance, one.owner.email, second?.password ?? '')).error).toBeUndefined();
  });

  it('that Resend refused is sent by a plain apply, whenever that comes', async () => {
    const { one } = await established('was-refused');
    const refusal = { statusCode: 403, name: 'validation_error', message: 'The domain is not verified.' };
    room.intercept((sent) => (isMail(sent) ? Response.json(refusal, { status: 403 }) : undefined));
    expect((await room.resendMail(one.slug)).report.result).toBe('failed');
    room.intercept();
    room.clock.advance(2 * DAY_MS);
    expect((await room.apply([one.slug])).report.result).toBe('done');
    expect((await room.status(one.slug)).resources['resend.welcome']).toMatchObject({ generation: '2' });
    expect(await mailsTo(room, one.owner.email)).toHaveLength(2);
  });

  it('goes on from what the owner has where status has fallen behind', async () => {
    const { one, instance } = await established('fell-behind');
    const before = await room.status(one.slug);
    expect((await room.resendMail(one.slug)).report.result).toBe('done');
    await room.setStatus(one.slug, () => before);
    expect((await room.resendMail(one.slug)).report.result).toBe('done');
    const mails = await mailsTo(room, one.owner.email);
    expect(mails).toHaveLength(3);
    const last = mails.at(-1)?.password ?? '';
    expect((await signIn(room, instance, one.owner.email, last)).error).toBeUndefined();
  });
});

describe('a wish that came to nothing because the owner signed in meanwhile', () => {
  it('blocks until it is taken back by asking once more, and a plain apply goes on', async () => {
    const { one, instance, first } = await established('signed-in-meanwhile');
    room.intercept(({ to, method }) =>
      to === 'projects' && method === 'PUT' ? new Response('', { status: 503 }) : undefined,
    );
    expect((await room.resendMail(one.slug)).report.result).toBe('failed');
    room.intercept();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect((await signIn(room, instance, first.login, first.password)).error).toBeUndefined();
    const stuck = await room.apply([one.slug]);
    expect(stuck.report.result).toBe('blocked');
    expect(stuck.text).toContain(`mail resend ${one.slug}\` takes a wish back`);

    await expect(room.resendMail(one.slug)).rejects.toMatchObject({
      class: 'blocked',
      message: expect.stringContaining('the owner has signed in since'),
      remedy: expect.stringContaining(
        `The wish for another mail is taken back: npm run provision -- apply ${one.slug}`,
      ),
    });
    expect((await room.apply([one.slug])).report.result).toBe('done');
    expect((await room.status(one.slug)).resources['resend.welcome']).toEqual({ id: first.id, generation: '1' });
    expect((await signIn(room, instance, first.login, first.password)).error).toBeUndefined();
  });
});

describe('an address that is corrected before anybody signed in', () => {
  it('leaves the mistyped one nothing that works, and asks for another mail', async () => {
    const { one, instance, first } = await established('mistyped');
    const right = 'right@mistyped.example';
    await room.write(one.with({ owner: { ...one.owner, email: right } }));
    const { report } = await room.apply([one.slug]);
    expect(report.result).toBe('blocked');
    expect(await notified(one.slug)).toMatchObject({
      status: 'False',
      message: expect.stringContaining('went to another address than the manifest names'),
    });
    for (const login of [first.login, right]) {
      expect((await signIn(room, instance, login, first.password)).error).toBe('invalid_credentials');
    }

    expect((await room.resendMail(one.slug)).report.result).toBe('done');
    const { login, password } = await mailTo(room, right);
    expect((await signIn(room, instance, login, password)).error).toBeUndefined();
    expect(await notified(one.slug)).toMatchObject({ status: 'True' });
    expect(await mailsTo(room, one.owner.email)).toHaveLength(1);
  });
});
