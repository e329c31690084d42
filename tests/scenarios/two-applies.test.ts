import { beforeAll, describe, expect, it } from 'vitest';
import type { ForgeRepository } from '../../local-cloud/github/forge-repository.ts';
import { anAgency } from '../support/agency-manifest.ts';
import { type ControlRoom, openControlRoom } from '../support/control-room.ts';
import { hostedIn, statusIn } from '../support/hosted-room.ts';

const NAME = 'example/agency-control-room';
const agencies = ['first', 'second'].map((slug) => anAgency(`${slug}-studio`));

let room: ControlRoom;
let hosted: ForgeRepository;

beforeAll(async () => {
  room = await openControlRoom();
  const manifests = Object.fromEntries(agencies.map((agency) => [agency.file, agency.text()]));
  hosted = await room.cloud.forge.seed(NAME, { ...(await room.files()), ...manifests });
});

describe('two applies at once over one repository, and a person who pushes meanwhile', () => {
  it('make everything once, record all of it, and lose nobody’s commit', async () => {
    let notes = 0;
    const pushes: Promise<string>[] = [];
    const onEvent = ({ type }: { type: string }) => {
      if (type !== 'outcome') return;
      notes += 1;
      pushes.push(hosted.push('main', { [`notes/${notes}.txt`]: 'mine' }));
    };
    const apply = (id: string) =>
      room.apply([], {
        ports: hostedIn(room, NAME, { run: { id, attempt: 1 }, url: `https://runs.test/${id}` }).ports(),
        onEvent,
      });
    const both = await Promise.all([apply('1'), apply('2')]);
    expect(both.map(({ report }) => report.result).sort()).toEqual(['done', 'waiting']);
    const late = both.find(({ report }) => report.result === 'waiting');
    expect(late?.text).toContain('another run is at work (https://runs.test/');

    for (const { slug } of agencies) {
      expect((await statusIn(hosted, slug))?.conditions).toMatchObject([
        { type: 'Ready', status: 'True' },
        { type: 'Notified', status: 'True' },
      ]);
    }
    const { projects, vercelProjects, deployments, mails } = await room.state();
    for (const made of [projects, vercelProjects, deployments, mails]) expect(made).toHaveLength(2);
    await Promise.all(pushes);
    expect(pushes.length).toBeGreaterThan(0);
    expect((await hosted.files()).filter((path) => path.startsWith('notes/'))).toHaveLength(pushes.length);
    const log = await hosted.log();
    expect(log.every(({ parents }) => parents.length <= 1)).toBe(true);
    expect(log.filter(({ message }) => message.startsWith('Record')).length).toBeLessThanOrEqual(4);

    room.forget();
    const again = await room.apply([], { ports: hostedIn(room, NAME).ports() });
    expect(again.report).toEqual({ result: 'done', agencies: [] });
    expect(room.writes()).toEqual([]);
    expect(await hosted.log()).toEqual(log);
  });
});

it('a run that is cancelled still records what it did, and gives the lease back', async () => {
  const agency = anAgency('cancelled-studio');
  await hosted.push('main', { [agency.file]: agency.text() });
  const stop = new AbortController();
  const run = hostedIn(room, NAME, { run: { id: '3', attempt: 1 } }, stop.signal);
  const stopped = await room.apply([], {
    ports: run.ports(),
    signal: stop.signal,
    onEvent: (event) => {
      if (event.type === 'waiting' && event.address === 'vercel.deployment') stop.abort();
    },
  });
  expect(stopped.report.result, stopped.text).toBe('waiting');
  const status = await statusIn(hosted, agency.slug);
  expect(status?.resources['supabase.project']?.id).toBeDefined();
  expect(status?.conditions.find(({ type }) => type === 'Reconciling')).toMatchObject({ reason: 'Waiting' });
  const later = await room.apply([], { ports: hostedIn(room, NAME, { run: { id: '4', attempt: 1 } }).ports() });
  expect(later.report.result, later.text).toBe('done');
  expect((await room.state()).deployments).toHaveLength(3);
});
