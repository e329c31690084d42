import { beforeAll, describe, expect, it } from 'vitest';
import type { Stamped } from '../../action/src/engine/events.ts';
import { anAgency } from '../support/agency-manifest.ts';
import { type ControlRoom, openControlRoom } from '../support/control-room.ts';
import { asPerson, instanceOf, mailTo, signIn, sql } from '../support/people.ts';

const DAY_MS = 24 * 60 * 60_000;
const [acme, beta, gamma, delta] = ['acme-studio', 'beta-works', 'gamma-labs', 'delta-firm'].map(anAgency) as [
  ReturnType<typeof anAgency>,
  ReturnType<typeof anAgency>,
  ReturnType<typeof anAgency>,
  ReturnType<typeof anAgency>,
];
const retired = (agency = acme) => agency.with({}, { lifecycle: 'retired' });
const THINGS = ['supabase.project', 'vercel.project'] as const;

let room: ControlRoom;

/** What has to be named to destroy an agency. */
async function idsOf(slug: string): Promise<Record<string, string>> {
  const { resources } = await room.status(slug);
  return Object.fromEntries(THINGS.map((address) => [address, resources[address]?.id ?? '']));
}
const destroying = async (agency = acme) => retired(agency).with({}, { destroy: await idsOf(agency.slug) });
const readyOf = async (slug: string) => (await room.status(slug)).conditions.find(({ type }) => type === 'Ready');
const deletes = () => room.writes().filter((write) => write.startsWith('DELETE'));
/** A person who merges; naming is for the command line. */
const scheduled = () => room.apply();
const named = (...agencies: readonly (typeof acme)[]) => room.apply(agencies.map(({ slug }) => slug));

beforeAll(async () => {
  room = await openControlRoom({ fleet: { policy: { retentionDays: 10 } } });
  for (const agency of [acme, beta, gamma, delta]) await room.write(agency);
  const { report, text } = await room.apply();
  expect(report.result, text).toBe('done');
});

describe('promise 7: an agency that is retired', () => {
  it('is not destroyed by the change that retires it', async () => {
    const before = await room.state();
    await room.write(await destroying());
    room.forget();
    const { report, text } = await named(acme);
    expect(report.result).toBe('failed');
    expect(text).toMatch(/acme-studio\.yaml:11:3 spec\.destroy: it is not recorded as retired yet/);
    expect(room.writes()).toEqual([]);
    expect(await room.state()).toEqual(before);
  });

  it('is closed like a suspended one, and keeps everything until its date', async () => {
    const { address, login, password } = await mailTo(room, acme.owner.email);
    const instance = await instanceOf(room, acme.slug);
    await sql(room, instance.ref, `create table public.kept as select 'a row' as idea`);
    await room.write(retired());
    room.forget();
    const until = room.clock.now() + 10 * DAY_MS;
    expect((await scheduled()).report.result).toBe('done');
    expect(deletes()).toEqual([]);
    expect((await room.fetch(`${address}/`)).status).toBe(503);
    expect((await signIn(room, instance, login, password)).error).toBe('email_provider_disabled');
    expect(await sql(room, instance.ref, 'select idea from public.kept')).toEqual([{ idea: 'a row' }]);

    const { retainUntil = '' } = await room.status(acme.slug);
    expect(Math.abs(Date.parse(retainUntil) - until)).toBeLessThan(60_000);
    const ids = await idsOf(acme.slug);
    expect(await readyOf(acme.slug)).toMatchObject({
      status: 'False',
      reason: 'Retired',
      message:
        'its app is paused, sign-in is refused, its database is kept running, as its plan cannot pause one; ' +
        `it is kept until ${retainUntil} at least, and can then be destroyed with ` +
        `spec.destroy: { supabase.project: ${ids['supabase.project']}, vercel.project: ${ids['vercel.project']} }`,
    });
  });

  it('is not due again, and keeps its date', async () => {
    const { retainUntil } = await room.status(acme.slug);
    const before = await room.files();
    room.clock.advance(2 * DAY_MS);
    room.forget();
    expect((await scheduled()).report.agencies).toEqual([]);
    expect((await named(acme)).report.agencies).toMatchObject([{ result: 'unchanged' }]);
    expect(room.writes()).toEqual([]);
    expect(await room.files()).toEqual(before);
    expect((await room.status(acme.slug)).retainUntil).toBe(retainUntil);
  });

  it('is not destroyed before its date, whoever asks for it', async () => {
    const { retainUntil } = await room.status(acme.slug);
    await room.write(await destroying());
    room.forget();
    const { report } = await named(acme);
    expect(report.result).toBe('blocked');
    expect(report.agencies[0]?.error).toMatchObject({
      class: 'blocked',
      message: `acme-studio may not be destroyed before ${retainUntil}`,
      remedy: expect.stringContaining('Nothing was done. Take spec.destroy out again'),
    });
    expect(room.writes()).toEqual([]);
    expect(await readyOf(acme.slug)).toMatchObject({ reason: 'Retired' });
    expect((await room.status(acme.slug)).conditions.at(-1)).toMatchObject({ type: 'Stalled', reason: 'Blocked' });
  });

  it('runs again with all its data when it is not wished gone after all, and forgets its date', async () => {
    await room.write(acme);
    expect((await scheduled()).report.result).toBe('done');
    expect((await room.status(acme.slug)).retainUntil).toBeUndefined();
    const { login, password } = await mailTo(room, acme.owner.email);
    const instance = await instanceOf(room, acme.slug);
    expect((await signIn(room, instance, login, password)).error).toBeUndefined();
    expect(await sql(room, instance.ref, 'select idea from public.kept')).toEqual([{ idea: 'a row' }]);
    await room.write(retired());
    expect((await scheduled()).report.result).toBe('done');
    room.clock.advance(11 * DAY_MS);
  });
});

describe('promises 7 and 10: an agency is destroyed', () => {
  it.each([
    ['another id', { 'vercel.project': 'prj_of_somebody_else' }, /is not what is recorded, which is "prj_/],
    ['a part of it alone', { 'vercel.project': undefined }, /it would leave a part of the agency behind — add vercel/],
    ['what stands by itself nowhere', { 'supabase.owner': 'x' }, /supabase.owner: this does not stand by itself/],
  ])('not with %s', async (_, over, problem) => {
    const wish = { ...(await idsOf(acme.slug)), ...over };
    await room.write(retired().with({}, { destroy: wish }));
    room.forget();
    const { report, text } = await named(acme);
    expect(report.result).toBe('failed');
    expect(text).toMatch(problem);
    expect(room.writes()).toEqual([]);
  });

  it('not while it is only suspended', async () => {
    await room.write((await destroying()).with({}, { lifecycle: 'suspended' }));
    room.forget();
    const { text } = await named(acme);
    expect(text).toContain('spec.destroy: only a retired agency is destroyed, and this one is suspended');
    expect(room.writes()).toEqual([]);
  });

  it('not by a run that nobody agreed with, such as the schedule', async () => {
    await room.write(await destroying());
    room.forget();
    const { report } = await scheduled();
    expect(report.result).toBe('blocked');
    expect(report.agencies[0]?.error?.message).toBe(
      'nobody agreed to this dangerous change: delete vercel.project, delete supabase.project',
    );
    expect(room.writes()).toEqual([]);
  });

  it('not while its project is called otherwise, and so not provably its own', async () => {
    const id = (await idsOf(acme.slug))['supabase.project'] ?? '';
    await asPerson(room, 'supabase', 'PATCH', `/v1/projects/${id}`, { name: 'taken-over' });
    room.forget();
    const { report } = await named(acme);
    await asPerson(room, 'supabase', 'PATCH', `/v1/projects/${id}`, { name: acme.supabaseName });
    expect(report.agencies[0]?.error?.message).toBe(
      `nothing is deleted, because supabase.project is blocked: Supabase project ${id} is called "taken-over", ` +
        `not "${acme.supabaseName}": it was renamed, or is another agency’s`,
    );
    expect(room.writes()).toEqual([]);
  });

  it('shows all that goes as dangerous, the app first and the database last', async () => {
    await room.write(retired(beta));
    expect((await scheduled()).report.agencies.map(({ slug }) => slug)).toContain(beta.slug);
    room.clock.advance(11 * DAY_MS);
    await room.write(await destroying(beta));
    const { report, text } = await room.plan([beta.slug]);
    const ids = await idsOf(beta.slug);
    const changes = report.agencies[0]?.plan?.changes ?? [];
    expect(changes.map(({ address, action, danger, id }) => [address, action, danger, id])).toEqual([
      ['vercel.project', 'delete', 'delete', ids['vercel.project']],
      ['supabase.project', 'delete', 'delete', ids['supabase.project']],
    ]);
    expect(text).toContain('with it go vercel.deployment, vercel.env');
  });

  it('not by a merge whose reviewed plan did not show each of the acts', async () => {
    const { 'vercel.project': project, 'supabase.project': ref } = await idsOf(beta.slug);
    room.forget();
    for (const shown of [
      [],
      [`vercel.project:delete:${project}`],
      [`supabase.project:delete:${ref}`, 'vercel.project:delete:prj_x'],
    ]) {
      const { report } = await room.apply([beta.slug], { reviewed: { [beta.slug]: shown } });
      expect(report.agencies[0]?.error?.message).toMatch(/^nobody agreed to this dangerous change: delete /);
    }
    expect(room.writes()).toEqual([]);
  });

  it('with the date passed, its ids named and the plan reviewed: all of it, and nothing else', async () => {
    const others = (await room.state()).projects.filter(({ name }) => name !== beta.supabaseName);
    const ids = await idsOf(beta.slug);
    room.forget();
    const shown = Object.entries(ids).map(([address, id]) => `${address}:delete:${id}`);
    const { report, text } = await room.apply([], { reviewed: { [beta.slug]: shown } });
    expect(report.agencies.find(({ slug }) => slug === beta.slug)?.result, text).toBe('done');
    expect(deletes()).toEqual([
      `DELETE /vercel/v9/projects/${ids['vercel.project']}`,
      `DELETE /supabase/v1/projects/${ids['supabase.project']}`,
    ]);
    expect(room.writes()).toEqual(deletes());
    const { projects, vercelProjects } = await room.state();
    expect(projects.filter(({ status }) => status !== 'REMOVED')).toEqual(others);
    expect(vercelProjects.map(({ name }) => name)).not.toContain(beta.vercelName);
  });

  it('leaves an empty inventory and says so, is not due again, and stays named without effect', async () => {
    const { resources, outputs, conditions } = await room.status(beta.slug);
    expect([resources, outputs]).toEqual([{}, {}]);
    expect(conditions.find(({ type }) => type === 'Ready')).toMatchObject({
      status: 'False',
      reason: 'Destroyed',
      message: 'it was destroyed; nothing of it is left, and this file may be deleted',
    });
    room.forget();
    expect((await named(beta)).report.agencies).toMatchObject([{ result: 'unchanged' }]);
    expect((await scheduled()).report.agencies.map(({ slug }) => slug)).not.toContain(beta.slug);
    expect(room.writes()).toEqual([]);
  });

  it('is not made anew under its old uid', async () => {
    const before = await room.read(beta.file);
    await room.write(beta);
    room.forget();
    const { text } = await named(beta);
    expect(text).toContain('spec.lifecycle: this agency was destroyed, and its uid is never used again');
    expect(room.writes()).toEqual([]);
    await room.put(beta.file, before);
  });
});

describe('one run', () => {
  it('destroys one agency, and names the way on for the others', async () => {
    for (const agency of [gamma, delta]) await room.write(retired(agency));
    await scheduled();
    room.clock.advance(11 * DAY_MS);
    for (const agency of [gamma, delta]) await room.write(await destroying(agency));
    room.forget();
    const { report } = await named(gamma, delta);
    const results = Object.fromEntries(report.agencies.map(({ slug, result }) => [slug, result]));
    expect(results).toEqual({ 'delta-firm': 'done', 'gamma-labs': 'blocked' });
    expect(report.agencies.find(({ slug }) => slug === 'gamma-labs')?.error).toMatchObject({
      message: 'gamma-labs is not destroyed by the run that destroys delta-firm: one run destroys one agency',
      remedy: expect.stringContaining('npm run provision -- apply gamma-labs'),
    });
    expect(deletes()).toHaveLength(2);
    expect((await readyOf(gamma.slug))?.reason).toBe('Retired');
  });

  it('that died between the two leaves what the next one ends', async () => {
    const { 'supabase.project': ref } = await idsOf(acme.slug);
    const stop = new AbortController();
    const onEvent = (event: Stamped) => {
      if (event.type === 'started' && event.address === 'supabase.project') stop.abort();
    };
    const died = await room.apply([acme.slug], { signal: stop.signal, onEvent });
    expect(died.report.result).not.toBe('done');
    expect((await room.state()).projects.map((project) => project.ref)).toContain(ref);
    const { 'supabase.project': kept, 'vercel.project': gone } = (await room.status(acme.slug)).resources;
    expect([kept?.id, gone]).toEqual([ref, undefined]);

    room.forget();
    expect((await named(acme)).report.result).toBe('done');
    expect(deletes()).toEqual([`DELETE /supabase/v1/projects/${ref}`]);
    expect((await room.status(acme.slug)).resources).toEqual({});
    expect(await readyOf(acme.slug)).toMatchObject({ reason: 'Destroyed' });
  });

  it.each(['drop-before', 'drop-after-commit'])('whose answer is lost (%s) converges by looking', async (effect) => {
    const asItWas = await room.read(gamma.file);
    await room.fault({ service: 'vercel', method: 'DELETE', path: '/v9/projects/', effect });
    await room.fault({ service: 'supabase', method: 'DELETE', path: '/v1/projects/', effect });
    expect((await named(gamma)).report.result).toBe('done');
    await room.calm();
    expect(await readyOf(gamma.slug)).toMatchObject({ reason: 'Destroyed' });

    // As if it had died before it could record anything of what it did.
    await room.put(gamma.file, asItWas);
    room.forget();
    expect((await named(gamma)).report.result).toBe('done');
    expect(room.writes()).toEqual([]);
    expect((await room.status(gamma.slug)).resources).toEqual({});
    expect(await readyOf(gamma.slug)).toMatchObject({ reason: 'Destroyed' });
    await room.put(gamma.file, asItWas);
  });
});

describe('promise 7: a manifest that is deleted', () => {
  it('by a force-push changes nothing in the cloud: nobody is even asked about it', async () => {
    const epsilon = anAgency('epsilon-house');
    await room.write(epsilon);
    expect((await named(epsilon)).report.result).toBe('done');
    const known = await idsOf(epsilon.slug);
    const { outputs } = await room.status(epsilon.slug);
    const before = await room.state();
    await room.remove(epsilon.file);
    room.forget();
    await scheduled();
    const about = room.sent().filter(({ path, body }) => {
      return [...Object.values(known), epsilon.vercelName].some((name) => path.includes(name) || body.includes(name));
    });
    expect(about).toEqual([]);
    expect(room.writes()).toEqual([]);
    expect(await room.state()).toEqual(before);
    expect((await room.fetch(`${outputs.instanceUrl}/`)).status).toBe(200);
  });
});
