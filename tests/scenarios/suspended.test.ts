import { beforeAll, describe, expect, it } from 'vitest';
import { anAgency } from '../support/agency-manifest.ts';
import { type ControlRoom, openControlRoom } from '../support/control-room.ts';
import { asPerson, instanceOf, mailsTo, mailTo, signIn, sql, type Welcome } from '../support/people.ts';

const acme = anAgency();
const suspended = acme.with({}, { lifecycle: 'suspended' });
const IDEA = 'The rows of a suspended agency';

const RELEASE = 'migrations/agency/20990101000000_release.sql';

describe.each([
  { plan: 'pro', paused: false, database: 'its database is kept running, as its plan cannot pause one' },
  { plan: 'free', paused: true, database: 'its database is paused' },
] as const)('promise 7: an agency that is suspended on the $plan plan', ({ plan, paused, database }) => {
  let room: ControlRoom;
  let mail: Welcome;
  let ref: string;
  let site: string;

  const readyOf = async () => (await room.status(acme.slug)).conditions.find(({ type }) => type === 'Ready');

  beforeAll(async () => {
    room = await openControlRoom({ plan });
    await room.write(acme);
    const { report, text } = await room.apply();
    expect(report.result, text).toBe('done');
    mail = await mailTo(room, acme.owner.email);
    ref = (await instanceOf(room, acme.slug)).ref;
    site = `${mail.address}/`;
    await sql(room, ref, `create table public.kept (idea text); insert into public.kept values ('${IDEA}')`);
  });

  it('shows in its plan that it is closed, and nothing dangerous', async () => {
    await room.write(suspended);
    const { report } = await room.plan();
    const changes = report.agencies[0]?.plan?.changes ?? [];
    const shown = changes.map(({ address, action, differences }) => [
      address,
      action,
      ...differences.map(({ path, before, after }) => `${path}: ${before} -> ${after}`),
    ]);
    expect(shown).toEqual([
      paused ? ['supabase.project', 'update', 'paused: false -> true'] : ['supabase.project', 'noop'],
      ['supabase.auth', 'update', 'external_email_enabled: true -> false'],
      ['vercel.project', 'update', 'paused: false -> true'],
      ['acceptance', 'create', expect.stringContaining('url: undefined -> ')],
    ]);
    expect(changes.map(({ danger }) => danger)).toEqual(['none', 'none', 'none', 'none']);
  });

  it('turns visitors away and refuses the owner, and keeps every row', async () => {
    const instance = await instanceOf(room, acme.slug);
    const { report, text } = await room.apply();
    expect(report.result, text).toBe('done');
    expect((await room.fetch(site)).status).toBe(503);
    const { error, userId } = await signIn(room, instance, mail.login, mail.password);
    expect(userId).toBeUndefined();
    if (paused) {
      expect((await room.state()).projects).toMatchObject([{ ref, status: 'INACTIVE' }]);
    } else {
      expect(error).toBe('email_provider_disabled');
      expect(await sql(room, ref, 'select idea from public.kept')).toEqual([{ idea: IDEA }]);
    }
  });

  it('says what it is and which kind of suspension it was, and waits for nobody', async () => {
    expect(await readyOf()).toMatchObject({
      status: 'False',
      reason: 'Suspended',
      message: `its app is paused, sign-in is refused, ${database}`,
    });
    const { conditions, retainUntil } = await room.status(acme.slug);
    expect(conditions.map(({ type, status }) => [type, status])).toEqual([
      ['Ready', 'False'],
      ['Notified', 'True'],
    ]);
    expect(retainUntil).toBeUndefined();
  });

  it('is not due again, whatever is released meanwhile, and changes nothing when it is named', async () => {
    const before = await room.files();
    room.forget();
    await room.put(RELEASE, 'create table public.release (id int primary key);');
    expect((await room.apply()).report).toMatchObject({ result: 'done', agencies: [] });
    expect((await room.apply([acme.slug])).report.agencies).toMatchObject([{ result: 'unchanged' }]);
    await room.remove(RELEASE);
    room.intercept(({ to }) =>
      to === 'github' ? new Response('{"message":"Not Found"}', { status: 404 }) : undefined,
    );
    await room.write(suspended.with({}, { app: { ref: 'v0.0.0-gone' } }));
    const { report } = await room.apply([acme.slug]);
    room.intercept();
    expect(report.agencies, 'an app that cannot be found is no trouble of its').toMatchObject([
      { result: 'unchanged' },
    ]);
    await room.write(suspended);
    expect(room.writes()).toEqual([]);
    expect(await room.files()).toEqual(before);
  });

  it('runs again with all its data, the same password and no second mail', async () => {
    await room.write(acme);
    const planned = (await room.plan()).report;
    expect(planned.result).toBe('changes');
    expect(planned.agencies[0]?.plan?.changes.map(({ action }) => action)).not.toContain('blocked');
    room.forget();
    const { report, text } = await room.apply();
    expect(report.result, text).toBe('done');
    expect(room.writes().filter((write) => !write.includes('/auth/v1/'))).toEqual(
      expect.arrayContaining([expect.stringMatching(/^POST \/vercel\/v1\/projects\/prj_\w+\/unpause$/)]),
    );
    expect(room.writes().filter((write) => /deployments|emails|v11\/projects/.test(write))).toEqual([]);

    expect(await readyOf()).toMatchObject({ status: 'True', reason: 'Accepted' });
    expect((await room.fetch(site)).status).toBe(200);
    const { error, userId } = await signIn(room, await instanceOf(room, acme.slug), mail.login, mail.password);
    expect([error, userId]).toEqual([undefined, (await room.status(acme.slug)).resources['supabase.owner']?.id]);
    expect(await sql(room, ref, 'select idea from public.kept')).toEqual([{ idea: IDEA }]);
    expect(await mailsTo(room, acme.owner.email)).toHaveLength(1);
    expect((await room.state()).projects).toMatchObject([{ ref, status: 'ACTIVE_HEALTHY' }]);
    room.forget();
    expect((await room.apply()).report.agencies).toEqual([]);
  });

  it('is red while its site answers all the same, and well once it does not', async () => {
    await room.write(suspended);
    const { id } = (await room.status(acme.slug)).resources['vercel.project'] ?? {};
    room.intercept(({ to }) => (to === 'sites' ? new Response('still here') : undefined));
    const { report } = await room.apply();
    room.intercept();
    expect(report.result).toBe('failed');
    expect(await readyOf()).toMatchObject({ status: 'False', reason: 'VendorFailed' });
    expect(await asPerson(room, 'vercel', 'GET', `/v9/projects/${id}`)).toMatchObject({ paused: true });
    expect((await room.apply()).report.result).toBe('done');
    expect(await readyOf()).toMatchObject({ reason: 'Suspended' });
  });

  it('is mailed nothing, by whomever it is asked for', async () => {
    room.forget();
    await expect(room.resendMail(acme.slug)).rejects.toThrow(
      'acme-studio is suspended, and its owner could not sign in',
    );
    expect(room.writes()).toEqual([]);
  });

  it('closes nothing of somebody else’s when it is pointed at another agency’s project', async () => {
    await room.setStatus(acme.slug, (status) => ({
      ...status,
      resources: { ...status.resources, 'supabase.project': { id: 'abcdefghijklmnopqrst' } },
    }));
    room.forget();
    expect((await room.apply([acme.slug])).report.result).toBe('blocked');
    expect(room.writes()).toEqual([]);
  });

  it('is destroyed as it stands, paused or not, when its time is over', async () => {
    const { id: project } = (await room.status(acme.slug)).resources['vercel.project'] ?? {};
    await room.setStatus(acme.slug, (status) => ({
      ...status,
      retainUntil: '2026-01-01T00:00:00Z',
      resources: { ...status.resources, 'supabase.project': { id: ref } },
    }));
    const destroy = { 'supabase.project': ref, 'vercel.project': project };
    await room.write(acme.with({}, { lifecycle: 'retired', destroy }));
    const { report, text } = await room.apply([acme.slug]);
    expect(report.result, text).toBe('done');
    expect(await room.state()).toMatchObject({ projects: [], vercelProjects: [], users: [] });
    expect(await readyOf()).toMatchObject({ reason: 'Destroyed' });
  });
});
