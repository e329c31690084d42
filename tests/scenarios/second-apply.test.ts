import { beforeAll, describe, expect, it } from 'vitest';
import { anAgency } from '../support/agency-manifest.ts';
import { type ControlRoom, openControlRoom } from '../support/control-room.ts';

const acme = anAgency().with({}, { env: { FEATURE_INVOICES: 'on', MAPS_KEY: { secret: 'AGENCY_MAPS_KEY' } } });
const beta = anAgency('beta-works');
let room: ControlRoom;

beforeAll(async () => {
  room = await openControlRoom();
  await room.write(acme);
  await room.write(beta);
  const { report, text } = await room.apply();
  expect(report.result, text).toBe('done');
});

describe('promise 1: a second apply changes nothing', () => {
  it('asks the lists and nothing else while nothing is due, and leaves every byte', async () => {
    const before = await room.files();
    room.forget();
    const { report } = await room.apply();
    expect(report).toEqual({ result: 'done', agencies: [] });
    expect(room.writes()).toEqual([]);
    const asked = room.sent().map(({ to, path }) => `${to}${path.replace(/\?.*/, '')}`);
    expect(asked.filter((one) => !one.startsWith('github/'))).toHaveLength(2);
    expect(await room.files()).toEqual(before);
  });

  it('only reads when the agencies are named, and finds every resource as it should be', async () => {
    const before = await room.files();
    room.forget();
    const { report, events } = await room.apply(['acme-studio', 'beta-works']);
    expect(report.result).toBe('done');
    expect(report.agencies.map(({ slug, result }) => [slug, result])).toEqual([
      ['acme-studio', 'unchanged'],
      ['beta-works', 'unchanged'],
    ]);
    const outcomes = events.flatMap((event) => (event.type === 'outcome' ? [event.outcome] : []));
    expect(new Set(outcomes)).toEqual(new Set(['unchanged']));
    expect(outcomes).toHaveLength(22);
    expect(room.sent().length).toBeGreaterThan(20);
    expect(room.writes()).toEqual([]);
    expect(await room.files()).toEqual(before);
  });

  it('plans nothing', async () => {
    room.forget();
    const { report, text } = await room.plan(['acme-studio']);
    expect(report.result).toBe('done');
    expect(report.agencies[0]?.plan?.changes.map(({ action }) => action)).toEqual(Array(11).fill('noop'));
    expect(text).not.toContain('MAPS_KEY');
    expect(room.writes()).toEqual([]);
  });

  it('does nothing twice over the whole of it', async () => {
    const { projects, vercelProjects, deployments, users, mails } = await room.state();
    expect([projects, vercelProjects, deployments, users, mails].map((all) => all.length)).toEqual([2, 2, 2, 2, 2]);
  });
});
