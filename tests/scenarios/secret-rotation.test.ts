import { beforeAll, describe, expect, it } from 'vitest';
import { anAgency } from '../support/agency-manifest.ts';
import { type ControlRoom, openControlRoom } from '../support/control-room.ts';
import { instanceOf, mailsTo, mailTo, signIn } from '../support/people.ts';

const acme = anAgency().with({}, { env: { MAPS_KEY: { secret: 'AGENCY_MAPS_KEY' } } });
const NEW = 'the-secret-after-the-first-rotation-0123456789';
const NEWEST = 'the-secret-after-the-second-rotation-012345678';
let room: ControlRoom;

beforeAll(async () => {
  room = await openControlRoom({ fleet: { instanceEnv: { secretKey: 'SUPABASE_SECRET_KEY' } } });
  await room.write(acme);
  const { report, text } = await room.apply();
  expect(report.result, text).toBe('done');
});

const env = async () => (await room.status(acme.slug)).resources['vercel.env'] ?? {};
const fingerprints = async () => Object.entries(await env()).filter(([fact]) => fact.startsWith('fingerprint.'));
const deployment = async () => (await room.status(acme.slug)).resources['vercel.deployment']?.id;

async function expectOwnerUndisturbed() {
  const [mail, ...others] = await mailsTo(room, acme.owner.email);
  expect(others).toEqual([]);
  const instance = await instanceOf(room, acme.slug);
  expect((await signIn(room, instance, acme.owner.email, mail?.password ?? '')).error).toBeUndefined();
}

describe('rotating PROVISIONER_SECRET', () => {
  it('rewrites the fingerprints and nothing else while the previous secret is given', async () => {
    const [before, kept] = [await fingerprints(), await deployment()];
    expect(before.map(([fact]) => fact)).toEqual(['fingerprint.MAPS_KEY', 'fingerprint.SUPABASE_SECRET_KEY']);
    const variables = { PROVISIONER_SECRET: NEW, PROVISIONER_SECRET_PREVIOUS: room.variables.PROVISIONER_SECRET };
    room.forget();
    const { report, text } = await room.apply([acme.slug], { variables });
    expect(report.result, text).toBe('done');
    expect(report.agencies[0]?.result).toBe('unchanged');
    expect(room.writes()).toEqual([]);
    const after = await fingerprints();
    expect(after.map(([fact]) => fact)).toEqual(before.map(([fact]) => fact));
    for (const [index, [, value]] of after.entries()) expect(value).not.toBe(before[index]?.[1]);
    expect(await deployment()).toBe(kept);
    await expectOwnerUndisturbed();
  });

  it('needs the previous secret no longer afterwards', async () => {
    const before = await room.files();
    room.forget();
    const { report } = await room.apply([acme.slug], { variables: { PROVISIONER_SECRET: NEW } });
    expect(report.agencies[0]?.result).toBe('unchanged');
    expect(room.writes()).toEqual([]);
    expect(await room.files()).toEqual(before);
  });

  it('sends the write-only variables again where the previous secret is lost, and leaves the owner alone', async () => {
    const kept = await deployment();
    room.forget();
    const { report, text } = await room.apply([acme.slug], { variables: { PROVISIONER_SECRET: NEWEST } });
    expect(report.result, text).toBe('done');
    const conditions = (await room.status(acme.slug)).conditions.map(({ type, status }) => [type, status]);
    expect(conditions).toEqual([
      ['Ready', 'True'],
      ['Notified', 'True'],
    ]);
    const sent = room.sent().filter(({ method, path }) => method === 'POST' && /\/env(\?|$)/.test(path));
    expect(sent).toHaveLength(1);
    expect((JSON.parse(sent[0]?.body ?? '[]') as { key: string }[]).map(({ key }) => key).sort()).toEqual([
      'MAPS_KEY',
      'SUPABASE_SECRET_KEY',
    ]);
    expect(await deployment()).not.toBe(kept);
    await expectOwnerUndisturbed();
    const again = await room.apply([acme.slug], { variables: { PROVISIONER_SECRET: NEWEST } });
    expect(again.report.agencies[0]?.result).toBe('unchanged');
  });

  it('never mails a password that does not work', async () => {
    const beta = anAgency('beta-works');
    await room.write(beta);
    await room.fault({ service: 'resend', method: 'POST', count: 'always', effect: 'status', status: 500 });
    expect((await room.apply([beta.slug], { variables: { PROVISIONER_SECRET: NEW } })).report.result).not.toBe('done');
    await room.calm();
    const { report } = await room.apply([beta.slug], { variables: { PROVISIONER_SECRET: NEWEST } });
    expect(report.result).toBe('blocked');
    expect(await mailsTo(room, beta.owner.email)).toEqual([]);
    const mended = await room.resendMail(beta.slug, { variables: { PROVISIONER_SECRET: NEWEST } });
    expect(mended.report.result, mended.text).toBe('done');
    const { login, password } = await mailTo(room, beta.owner.email);
    expect((await signIn(room, await instanceOf(room, beta.slug), login, password)).error).toBeUndefined();
  });
});

describe('rotating a secret of the apps', () => {
  it('sends the new value and deploys once', async () => {
    const variables = { PROVISIONER_SECRET: NEWEST, AGENCY_MAPS_KEY: 'maps-9876543210' };
    room.forget();
    const { report, text } = await room.apply([acme.slug], { variables });
    expect(report.result, text).toBe('done');
    const sent = room.sent().filter(({ method }) => method === 'POST');
    expect(sent.filter(({ body }) => body.includes('maps-9876543210')).map(({ to }) => to)).toEqual(['vercel']);
    expect(room.writes().filter((write) => write.endsWith('/deployments'))).toHaveLength(1);
    expect(text).not.toContain('maps-9876543210');
    expect((await room.apply([acme.slug], { variables })).report.agencies[0]?.result).toBe('unchanged');
  });
});
