import { beforeAll, describe, expect, it } from 'vitest';
import { type Agency, anAgency } from '../support/agency-manifest.ts';
import { type ControlRoom, openControlRoom } from '../support/control-room.ts';
import { asPerson, clientFor, instanceOf, mailsTo, mailTo, signIn } from '../support/people.ts';

const CHOSEN = 'a-password-of-my-own-42';
let room: ControlRoom;

beforeAll(async () => {
  room = await openControlRoom();
});

async function established(slug: string): Promise<Agency> {
  const agency = anAgency(slug);
  await room.write(agency);
  const { report, text } = await room.apply([slug]);
  expect(report.result, text).toBe('done');
  return agency;
}

/** Both looks at an agency: whether it is due, and all of it. */
async function expectUnchanged(slug: string) {
  const before = await room.files();
  room.forget();
  expect((await room.apply()).report).toEqual({ result: 'done', agencies: [] });
  const { report, text } = await room.apply([slug]);
  expect(report.agencies[0]?.result, text).toBe('unchanged');
  expect(room.writes()).toEqual([]);
  expect(await room.files()).toEqual(before);
  return text;
}

describe('what the owner changes is the owner’s', () => {
  it('neither resets a password that the owner chose nor turns red', async () => {
    const agency = await established('own-password');
    const instance = await instanceOf(room, agency.slug);
    const mail = await mailTo(room, agency.owner.email);
    const { client } = await signIn(room, instance, mail.login, mail.password);
    expect((await client.auth.updateUser({ password: CHOSEN })).error).toBeNull();
    await expectUnchanged(agency.slug);
    expect((await signIn(room, instance, mail.login, CHOSEN)).error).toBeUndefined();
    expect((await signIn(room, instance, mail.login, mail.password)).error).toBe('invalid_credentials');
  });

  it('checks the instance again after a change, without the owner’s password', async () => {
    const agency = anAgency('own-password');
    const instance = await instanceOf(room, agency.slug);
    await room.write(agency.with({}, { env: { FEATURE_INVOICES: 'on' } }));
    room.forget();
    const { report, text } = await room.apply();
    expect(report.result, text).toBe('done');
    const outcomes = new Map(report.agencies[0]?.execution?.outcomes.map(({ address, result }) => [address, result]));
    expect([outcomes.get('acceptance'), outcomes.get('resend.welcome')]).toEqual(['created', 'unchanged']);
    expect(room.sent().filter(({ to, method }) => to === 'resend' && method === 'POST')).toEqual([]);
    expect((await signIn(room, instance, agency.owner.email, CHOSEN)).error).toBeUndefined();
  });

  it('reports another mail address, and does not repair it', async () => {
    const agency = await established('own-address');
    const instance = await instanceOf(room, agency.slug);
    const mail = await mailTo(room, agency.owner.email);
    await signIn(room, instance, mail.login, mail.password);
    const admin = clientFor(room, instance.url, instance.secretKey);
    const email = 'private@own-address.example';
    const moved = await admin.auth.admin.updateUserById(instance.userId, { email, email_confirm: true });
    expect(moved.error).toBeNull();
    const text = await expectUnchanged(agency.slug);
    expect(text).toContain(`the owner signs in as ${email}, and the manifest says ${agency.owner.email}`);
    expect((await signIn(room, instance, email, mail.password)).error).toBeUndefined();
  });

  it('stays Ready when the owner only signs in', async () => {
    const agency = await established('just-looking');
    const mail = await mailTo(room, agency.owner.email);
    await signIn(room, await instanceOf(room, agency.slug), mail.login, mail.password);
    await expectUnchanged(agency.slug);
  });
});

describe('mail resend', () => {
  it('mails a new password as long as nobody used the first, which then opens nothing', async () => {
    const agency = await established('lost-mail');
    const instance = await instanceOf(room, agency.slug);
    const { report, text } = await room.resendMail(agency.slug);
    expect(report.result, text).toBe('done');
    const [first, second, ...others] = await mailsTo(room, agency.owner.email);
    expect(others).toEqual([]);
    expect(second?.password).toBeTruthy();
    expect(second?.password).not.toBe(first?.password);
    expect((await signIn(room, instance, agency.owner.email, first?.password ?? '')).error).toBe('invalid_credentials');
    expect((await signIn(room, instance, agency.owner.email, second?.password ?? '')).error).toBeUndefined();
    expect((await room.status(agency.slug)).resources['resend.welcome']).toMatchObject({ generation: '2' });
    await expectUnchanged(agency.slug);
  });

  it('is refused once the owner has signed in, and leaves everything as it was', async () => {
    const agency = await established('signed-in');
    const instance = await instanceOf(room, agency.slug);
    const mail = await mailTo(room, agency.owner.email);
    await signIn(room, instance, mail.login, mail.password);
    const before = await room.files();
    room.forget();
    await expect(room.resendMail(agency.slug)).rejects.toMatchObject({
      class: 'blocked',
      message: expect.stringContaining('the owner has signed in since'),
    });
    expect(room.writes()).toEqual([]);
    expect(await room.files()).toEqual(before);
    expect(await mailsTo(room, agency.owner.email)).toHaveLength(1);
    expect((await signIn(room, instance, mail.login, mail.password)).error).toBeUndefined();
  });

  it('is refused as well where somebody raises the generation by hand', async () => {
    const agency = await established('raised-by-hand');
    const instance = await instanceOf(room, agency.slug);
    const mail = await mailTo(room, agency.owner.email);
    await signIn(room, instance, mail.login, mail.password);
    await room.setStatus(agency.slug, (status) => ({
      ...status,
      resources: { ...status.resources, 'resend.welcome': { generation: '2' } },
    }));
    room.forget();
    const { report } = await room.apply([agency.slug]);
    expect(report.result).toBe('blocked');
    expect(room.writes()).toEqual([]);
    expect((await signIn(room, instance, mail.login, mail.password)).error).toBeUndefined();
  });

  it('agrees to nothing dangerous: a database that is gone is not made anew by asking for a mail', async () => {
    const agency = await established('gone-and-mailed');
    const ref = (await room.status(agency.slug)).resources['supabase.project']?.id ?? '';
    await asPerson(room, 'supabase', 'DELETE', `/v1/projects/${ref}`);
    await room.write(agency.with({}, { recreate: { 'supabase.project': ref } }));
    const before = await room.files();
    room.forget();
    await expect(room.resendMail(agency.slug)).rejects.toMatchObject({
      class: 'blocked',
      message: expect.stringContaining('recreate supabase.project'),
      remedy: expect.stringContaining(`apply it by its name first: npm run provision -- apply ${agency.slug}`),
    });
    expect(room.writes()).toEqual([]);
    expect(await room.files()).toEqual(before);
  });

  it('agrees to nothing dangerous that turns up after its look either', async () => {
    const agency = await established('gone-meanwhile');
    const ref = (await room.status(agency.slug)).resources['supabase.project']?.id ?? '';
    await room.write(agency.with({}, { recreate: { 'supabase.project': ref } }));
    room.forget();
    onceWished(agency.slug, () => asPerson(room, 'supabase', 'DELETE', `/v1/projects/${ref}`));
    const { report, text } = await room.resendMail(agency.slug);
    room.intercept();
    expect(report.result, text).toBe('blocked');
    expect(text).toContain('nobody agreed to this dangerous change: recreate supabase.project');
    expect(room.writes()).toEqual([]);
  });

  it('keeps what its run recorded where the owner signs in between the look and the act', async () => {
    const agency = await established('signed-in-between');
    const instance = await instanceOf(room, agency.slug);
    const first = await mailTo(room, agency.owner.email);
    const before = await room.status(agency.slug);
    await room.write(agency.with({}, { env: { FEATURE_INVOICES: 'on' } }));
    onceWished(agency.slug, () => signIn(room, instance, first.login, first.password));
    const { report, text } = await room.resendMail(agency.slug);
    room.intercept();
    expect(report.result, text).toBe('blocked');
    expect(text).toContain('the owner has signed in since');

    const after = await room.status(agency.slug);
    const { deployments } = await room.state();
    const project = after.resources['vercel.project']?.id;
    const made = deployments.filter((one) => one.project === project).map(({ id }) => id);
    expect(made).toHaveLength(2);
    expect(made).toContain(after.resources['vercel.deployment']?.id);
    expect(after.resources['vercel.deployment']?.id).not.toBe(before.resources['vercel.deployment']?.id);
    expect(after.resources['resend.welcome']).toEqual({ id: first.id, generation: '1' });
    const conditionOf = (type: string) => after.conditions.find((one) => one.type === type);
    expect(conditionOf('Ready')).toMatchObject({ status: 'False', reason: 'Blocked' });
    expect(conditionOf('Notified')).toEqual(before.conditions.find(({ type }) => type === 'Notified'));
    expect(after.observedSpecDigest).toBe(before.observedSpecDigest);

    room.forget();
    const next = await room.apply();
    expect(next.report.agencies.find(({ slug }) => slug === agency.slug)?.result, next.text).toBe('done');
    expect(room.writes().filter((one) => /deployments|emails/.test(one))).toEqual([]);
    expect((await signIn(room, instance, first.login, first.password)).error).toBeUndefined();
    expect((await room.apply([agency.slug])).report.agencies[0]?.result).toBe('unchanged');
  });
});

/** Lets something happen once when the wish for another mail is recorded, before its run sees or does anything. */
function onceWished(slug: string, event: () => Promise<unknown>): void {
  let happened: Promise<unknown> | undefined;
  room.intercept(async () => {
    const { resources } = await room.status(slug);
    if (resources['resend.welcome']?.id === undefined) happened ??= event();
    await happened;
    return undefined;
  });
}
