import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Agency, anAgency } from '../support/agency-manifest.ts';
import { type ControlRoom, openControlRoom, type Ran } from '../support/control-room.ts';
import { asPerson, instanceOf, mailTo, signIn } from '../support/people.ts';

let room: ControlRoom;

beforeAll(async () => {
  room = await openControlRoom();
});

/** Each case leaves something odd behind; it is none of the next one's business. */
beforeEach(async () => {
  const files = Object.keys(await room.files());
  await Promise.all(files.filter((file) => file.startsWith('agencies/')).map(room.remove));
});

async function established(agency: Agency) {
  await room.write(agency);
  const { report, text } = await room.apply([agency.slug]);
  expect(report.result, text).toBe('done');
  const { resources } = await room.status(agency.slug);
  room.forget();
  return { ref: resources['supabase.project']?.id ?? '', project: resources['vercel.project']?.id ?? '' };
}

/** The change of a plan, or the error of an outcome, at one address. */
const changeOf = ({ report }: Ran, address: string) =>
  report.agencies[0]?.plan?.changes.find((change) => change.address === address);
const errorOf = ({ report }: Ran, address: string) =>
  report.agencies[0]?.execution?.outcomes.find((outcome) => outcome.address === address)?.error;

/** A run over all that is due, as the schedule makes it, does nothing dangerous: that takes the agency's name. */
async function expectNobodyAgreed(act: string) {
  room.forget();
  const { report, text } = await room.apply();
  expect(report.result, text).toBe('blocked');
  expect(text).toContain(`nobody agreed to this dangerous change: ${act}`);
  expect(room.writes()).toEqual([]);
}

async function createdByHand(name: string): Promise<string> {
  const body = {
    name,
    organization_slug: room.variables.SUPABASE_ORG_ID,
    db_pass: 'a-password-of-somebody-else',
    region_selection: { type: 'specific', code: 'us-east-1' },
    desired_instance_size: 'micro',
  };
  return ((await asPerson(room, 'supabase', 'POST', '/v1/projects', body)) as { ref: string }).ref;
}

async function vercelByHand(name: string): Promise<string> {
  return ((await asPerson(room, 'vercel', 'POST', '/v11/projects', { name, framework: 'nextjs' })) as { id: string })
    .id;
}

describe('promise 7: nothing that vanished is silently created anew', () => {
  it('blocks on a database that was deleted, and makes an empty one only when that is allowed', async () => {
    const agency = anAgency('deleted-db');
    const { ref } = await established(agency);
    await asPerson(room, 'supabase', 'DELETE', `/v1/projects/${ref}`);

    const blocked = await room.apply();
    expect(blocked.report.result).toBe('blocked');
    expect(blocked.report.agencies[0]?.why).toBe(`supabase.project ${ref} is gone`);
    expect(errorOf(blocked, 'supabase.project')).toMatchObject({
      class: 'blocked',
      message: expect.stringContaining(ref),
      remedy: expect.stringContaining(`spec.recreate: { supabase.project: ${ref} }`),
    });
    expect(room.writes()).toEqual([]);
    expect((await room.status('deleted-db')).conditions).toEqual([
      expect.objectContaining({ type: 'Ready', status: 'False', reason: 'Blocked' }),
      expect.objectContaining({ type: 'Notified', status: 'False' }),
      expect.objectContaining({ type: 'Stalled', status: 'True' }),
    ]);

    await room.write(agency.with({}, { recreate: { 'supabase.project': ref } }));
    expect(changeOf(await room.plan(['deleted-db']), 'supabase.project')).toMatchObject({
      action: 'create',
      danger: 'recreate',
    });
    await expectNobodyAgreed('recreate supabase.project');
    const { report, text } = await room.apply(['deleted-db']);
    expect(report.result, text).toBe('done');
    const instance = await instanceOf(room, 'deleted-db');
    expect(instance.ref).not.toBe(ref);
    const mail = await mailTo(room, agency.owner.email);
    expect((await signIn(room, instance, mail.login, mail.password)).error).toBeUndefined();
  });

  it('takes an allowance for the one thing that it names, not for those that come after', async () => {
    const agency = anAgency('deleted-twice').with({}, { recreate: { 'supabase.project': 'abcdefghijklmnopqrst' } });
    const { ref } = await established(agency);
    await asPerson(room, 'supabase', 'DELETE', `/v1/projects/${ref}`);
    const blocked = await room.apply([agency.slug]);
    expect(blocked.report.result).toBe('blocked');
    expect(errorOf(blocked, 'supabase.project')?.message).toContain(ref);
    expect(room.writes()).toEqual([]);
  });

  it('blocks on a Vercel project that was deleted', async () => {
    const agency = anAgency('deleted-app');
    const { project } = await established(agency);
    await asPerson(room, 'vercel', 'DELETE', `/v9/projects/${project}`);
    const blocked = await room.apply();
    expect(blocked.report.result).toBe('blocked');
    expect(errorOf(blocked, 'vercel.project')?.message).toContain(`the Vercel project ${project} is gone`);
    expect(room.writes()).toEqual([]);

    await room.write(agency.with({}, { recreate: { 'vercel.project': project } }));
    const { report, text } = await room.apply(['deleted-app']);
    expect(report.result, text).toBe('done');
    expect((await room.status('deleted-app')).resources['vercel.project']?.id).not.toBe(project);
  });

  it('blocks on a database that was renamed, and goes on once it has its name back', async () => {
    const agency = anAgency('renamed-db');
    const { ref } = await established(agency);
    await asPerson(room, 'supabase', 'PATCH', `/v1/projects/${ref}`, { name: 'precious' });
    const blocked = await room.apply();
    expect(blocked.report.agencies[0]?.why).toContain('is now called precious');
    expect(errorOf(blocked, 'supabase.project')?.message).toContain(`is called "precious"`);
    expect(room.writes()).toEqual([]);

    await asPerson(room, 'supabase', 'PATCH', `/v1/projects/${ref}`, { name: agency.supabaseName });
    expect((await room.apply()).report.result).toBe('done');
  });

  it('blocks on a Vercel project that lost the mark, and takes it back only by explicit id', async () => {
    const agency = anAgency('unmarked-app');
    const { project } = await established(agency);
    const { envs } = (await asPerson(room, 'vercel', 'GET', `/v10/projects/${project}/env`)) as {
      envs: { id: string; key: string }[];
    };
    const mark = envs.find(({ key }) => key === 'PROVISIONER_OWNER')?.id;
    await asPerson(room, 'vercel', 'DELETE', `/v9/projects/${project}/env/${mark}`);
    const blocked = await room.apply(['unmarked-app']);
    expect(blocked.report.result).toBe('blocked');
    expect(errorOf(blocked, 'vercel.project')?.message).toContain('does not carry the mark PROVISIONER_OWNER');
    expect(room.writes()).toEqual([]);

    await room.write(agency.with({}, { adopt: { 'vercel.project': project } }));
    const { report, text } = await room.apply(['unmarked-app']);
    expect(report.result, text).toBe('done');
    expect((await room.apply(['unmarked-app'])).report.agencies[0]?.result).toBe('unchanged');
  });
});

describe('promise 6: nothing that is not provably ours is touched', () => {
  it('refuses a manifest that records the project of another agency', async () => {
    const [own, other] = [anAgency('thief-agency'), anAgency('honest-agency')];
    const { ref } = await established(other);
    await established(own);
    await room.setStatus('thief-agency', (status) => ({
      ...status,
      resources: { ...status.resources, 'supabase.project': { ...status.resources['supabase.project'], id: ref } },
    }));
    const ran = await room.apply(['thief-agency']);
    expect(ran.report.result).toBe('failed');
    expect(ran.text).toContain(`"${ref}" is also that of agencies/honest-agency.yaml`);
    expect(room.writes()).toEqual([]);
  });

  it.each([
    ['supabase.project', 'is another agency’s'],
    ['vercel.project', 'carries the mark of another agency'],
  ] as const)('refuses a recorded %s of an agency whose manifest is elsewhere', async (address, because) => {
    const [own, other] = [anAgency(`a-${address.replace('.', '-')}`), anAgency(`b-${address.replace('.', '-')}`)];
    await established(other);
    const stolen = (await room.status(other.slug)).resources[address]?.id ?? '';
    await room.remove(other.file);
    await established(own);
    await room.setStatus(own.slug, (status) => ({
      ...status,
      resources: { ...status.resources, [address]: { ...status.resources[address], id: stolen } },
    }));
    const ran = await room.apply([own.slug]);
    expect(ran.report.result).toBe('blocked');
    expect(errorOf(ran, address)?.message).toContain(because);
    expect(room.writes()).toEqual([]);
  });

  it('never adopts the Vercel project of another agency, whatever the manifest allows', async () => {
    const [own, other] = [anAgency('greedy-agency'), anAgency('robbed-agency')];
    const { project } = await established(other);
    await room.remove(other.file);
    await room.write(own.with({}, { adopt: { 'vercel.project': project } }));
    const ran = await room.apply();
    expect(ran.report.result).toBe('blocked');
    expect(errorOf(ran, 'vercel.project')?.message).toContain('carries the mark of another agency');
    expect(room.writes().filter((write) => write.includes('/vercel/'))).toEqual([]);
  });

  it('refuses a foreign Vercel project of our name, and adopts it where the manifest names its id', async () => {
    const agency = anAgency('taken-name');
    const id = await vercelByHand(agency.vercelName);
    await room.write(agency);
    room.forget();
    const planned = await room.plan();
    expect(planned.report.result).toBe('blocked');
    expect(planned.text).toContain(`the Vercel project ${agency.vercelName} does not carry the mark`);
    expect(room.writes()).toEqual([]);

    const blocked = await room.apply();
    expect(errorOf(blocked, 'vercel.project')).toMatchObject({
      class: 'blocked',
      message: expect.stringContaining(agency.vercelName),
      remedy: expect.stringContaining(`spec.adopt: { vercel.project: ${id} }`),
    });
    expect(room.writes().filter((write) => write.includes('/vercel/'))).toEqual([]);

    await room.write(agency.with({}, { adopt: { 'vercel.project': id } }));
    const dangerous = await room.plan();
    expect(changeOf(dangerous, 'vercel.project')).toMatchObject({ action: 'adopt', danger: 'adopt', id });
    expect(dangerous.text).toMatch(new RegExp(`vercel\\.project +adopt ${id}[^+]*DANGEROUS`));
    await expectNobodyAgreed('adopt vercel.project');
    const { report, text } = await room.apply(['taken-name']);
    expect(report.result, text).toBe('done');
    expect((await room.status('taken-name')).resources['vercel.project']?.id).toBe(id);
    expect(report.agencies[0]?.execution?.outcomes.find(({ address }) => address === 'vercel.project')?.result).toBe(
      'adopted',
    );
    expect((await room.apply(['taken-name'])).report.agencies[0]?.result).toBe('unchanged');
  });

  it('refuses two databases of our name and writes to neither, until one is named', async () => {
    const agency = anAgency('twin-agency');
    const refs = [await createdByHand(agency.supabaseName), await createdByHand(agency.supabaseName)];
    await room.write(agency);
    room.forget();
    const blocked = await room.apply();
    expect(blocked.report.result).toBe('blocked');
    const error = errorOf(blocked, 'supabase.project');
    expect(refs.filter((ref) => error?.message.includes(ref) && error.remedy.includes(ref))).toEqual(refs);
    expect(room.writes().filter((write) => /\/(supabase|projects)\//.test(write))).toEqual([]);

    await room.write(agency.with({}, { adopt: { 'supabase.project': refs[1] ?? '' } }));
    const { report, text } = await room.apply(['twin-agency']);
    expect(report.result, text).toBe('done');
    expect((await room.status('twin-agency')).resources['supabase.project']?.id).toBe(refs[1]);
    expect(room.writes().filter((write) => write.includes(refs[0] ?? ''))).toEqual([]);
  });
});
