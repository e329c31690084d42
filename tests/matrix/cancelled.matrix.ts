import { beforeAll, describe, expect, it } from 'vitest';
import { type Agency, anAgency } from '../support/agency-manifest.ts';
import { type ControlRoom, openControlRoom } from '../support/control-room.ts';
import { instanceOf, mailTo, signIn } from '../support/people.ts';

let room: ControlRoom;

beforeAll(async () => {
  room = await openControlRoom();
});

async function expectHandedOver(agency: Agency) {
  const { projects, vercelProjects, deployments, users } = await room.state();
  expect(projects.filter(({ name }) => name === agency.supabaseName)).toHaveLength(1);
  const own = vercelProjects.filter(({ name }) => name === agency.vercelName);
  expect(own).toHaveLength(1);
  expect(deployments.filter(({ project }) => [own[0]?.id, agency.vercelName].includes(project))).toHaveLength(1);
  expect(users.filter(({ email }) => email === agency.owner.email)).toHaveLength(1);
  const mail = await mailTo(room, agency.owner.email);
  const { error } = await signIn(room, await instanceOf(room, agency.slug), mail.login, mail.password);
  expect(error).toBeUndefined();
}

describe('a run that is cancelled', () => {
  it.each([
    ['while a database is made', 'supabase.project', 'waiting'],
    ['between two resources', 'supabase.migrations', 'started'],
    ['while the app is built', 'vercel.deployment', 'waiting'],
    ['before the hand-over', 'acceptance', 'started'],
  ] as const)('%s ends as waiting, and the next one goes on where it stopped', async (_, address, moment) => {
    const agency = anAgency(`${address.replaceAll('.', '-')}-case`);
    await room.write(agency);
    const stop = new AbortController();
    const stopped = await room.apply([], {
      signal: stop.signal,
      onEvent: (event) => {
        if (event.type === moment && event.address === address) stop.abort();
      },
    });
    expect(stop.signal.aborted).toBe(true);
    expect(stopped.report.result, stopped.text).toBe('waiting');
    expect(stopped.events.at(-1)).toMatchObject({ type: 'run', result: 'waiting' });
    const status = await room.status(agency.slug);
    expect(status.resources['supabase.project']).toBeDefined();
    expect(status.conditions).toEqual([
      expect.objectContaining({ type: 'Ready', status: 'False', reason: 'Waiting' }),
      expect.objectContaining({ type: 'Notified', status: 'False' }),
      expect.objectContaining({ type: 'Reconciling', status: 'True' }),
    ]);

    const { report, text } = await room.apply();
    expect(report.result, text).toBe('done');
    await expectHandedOver(agency);
    expect((await room.apply()).report).toEqual({ result: 'done', agencies: [] });
  });

  it('loses nothing when it is cancelled before it began', async () => {
    const agency = anAgency('never-begun');
    await room.write(agency);
    const before = await room.files();
    room.forget();
    const { report } = await room.apply([], { signal: AbortSignal.abort() });
    expect(report.result).toBe('waiting');
    expect(room.writes()).toEqual([]);
    expect(await room.files()).toEqual(before);
    expect((await room.apply()).report.result).toBe('done');
    await expectHandedOver(agency);
  });
});

describe('two runs over one folder', () => {
  it('lets one work and tells the other who works', async () => {
    const agency = anAgency('contested');
    await room.write(agency);
    const both = await Promise.all([room.apply(), room.apply()]);
    expect(both.map(({ report }) => report.result).sort()).toEqual(['done', 'waiting']);
    const late = both.find(({ report }) => report.result === 'waiting');
    expect(late?.text).toMatch(/Waiting: another run (is at work|took the lease)/);
    await expectHandedOver(agency);
  });
});
