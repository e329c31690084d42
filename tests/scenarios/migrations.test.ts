import { beforeAll, describe, expect, it } from 'vitest';
import { anAgency } from '../support/agency-manifest.ts';
import { type ControlRoom, openControlRoom, type Ran } from '../support/control-room.ts';
import { sql } from '../support/people.ts';

const acme = anAgency();
const file = (version: number, name: string) => `migrations/agency/209901010000${version}_${name}.sql`;
let room: ControlRoom;

beforeAll(async () => {
  room = await openControlRoom();
  await room.write(acme);
  const { report, text } = await room.apply();
  expect(report.result, text).toBe('done');
});

const ref = async () => (await room.status(acme.slug)).resources['supabase.project']?.id ?? '';
const ledger = async () => {
  const query = "select version from supabase_migrations.schema_migrations where version > '2099' order by version";
  return (await sql(room, await ref(), query)).map(({ version }) => version);
};
const exists = async (table: string) => {
  const [row] = await sql(room, await ref(), `select to_regclass('public.${table}') is not null as here`);
  return row?.here;
};
const queries = () => room.writes().filter((write) => write.endsWith('/database/query'));
const outcome = ({ report }: Ran) =>
  report.agencies[0]?.execution?.outcomes.find(({ address }) => address === 'supabase.migrations');
const ready = async () => (await room.status(acme.slug)).conditions.find(({ type }) => type === 'Ready');

describe('a new migration', () => {
  it('is shown by the plan and applied in one call, with what follows it', async () => {
    await room.put(file(10, 'first'), 'create table public.first (id int primary key);\n');
    await room.put(file(11, 'second'), 'create table public.second (id int references public.first);\n');
    const { text } = await room.plan();
    expect(text).toContain(file(10, 'first'));
    expect(text).toContain(file(11, 'second'));
    room.forget();
    const { report, text: said } = await room.apply();
    expect(report.result, said).toBe('done');
    expect(queries()).toHaveLength(1);
    expect(await ledger()).toEqual(['20990101000010', '20990101000011']);
    expect(await room.status(acme.slug)).toMatchObject({ outputs: { schemaVersion: '20990101000011' } });
  });

  it('deploys nothing and mails nobody', async () => {
    const { deployments, mails } = await room.state();
    expect([deployments.length, mails.length]).toEqual([1, 1]);
  });
});

describe('a migration that fails in its middle', () => {
  it('leaves nothing of its file behind, keeps what came before it, and names file and line', async () => {
    await room.put(file(20, 'sound'), 'create table public.sound (id int primary key);\n');
    await room.put(file(21, 'half'), 'create table public.half (id int);\n\ninsert into public.half values (1 / 0);\n');
    await room.put(file(22, 'after'), 'create table public.after_half (id int);\n');
    const ran = await room.apply();
    expect(ran.report.result).toBe('failed');
    expect(outcome(ran)?.error).toMatchObject({
      class: 'provider',
      message: expect.stringMatching(/20990101000021_half\.sql.*division by zero/),
      remedy: expect.stringContaining('Mend the file and merge it'),
    });
    expect(await ledger()).toEqual(['20990101000010', '20990101000011', '20990101000020']);
    expect([await exists('sound'), await exists('half'), await exists('after_half')]).toEqual([true, false, false]);
    expect(await ready()).toMatchObject({ status: 'False', message: expect.stringContaining('division by zero') });
  });

  it('goes on with the mended file', async () => {
    await room.put(file(21, 'half'), 'create table public.half (id int);\n');
    room.forget();
    const { report, text } = await room.apply();
    expect(report.result, text).toBe('done');
    expect(queries()).toHaveLength(1);
    expect(await ledger()).toHaveLength(5);
    expect([await exists('half'), await exists('after_half')]).toEqual([true, true]);
    expect(await ready()).toMatchObject({ status: 'True' });
  });
});

describe('a ledger that the files contradict', () => {
  const blockedBy = async (name: string, because: string) => {
    room.forget();
    const planned = await room.plan();
    expect(planned.report.result).toBe('blocked');
    expect(planned.text).toContain(name);
    const ran = await room.apply();
    expect(ran.report.result).toBe('blocked');
    expect(outcome(ran)?.error).toMatchObject({ class: 'blocked', message: expect.stringContaining(name) });
    expect(outcome(ran)?.error?.message).toContain(because);
    expect(room.writes()).toEqual([]);
  };
  const converges = async () => {
    const { report, text } = await room.apply();
    expect(report.result, text).toBe('done');
    expect(await ready()).toMatchObject({ status: 'True' });
  };

  it('blocks when a released file was changed, and names it', async () => {
    const released = await room.read(file(20, 'sound'));
    await room.put(file(20, 'sound'), `${released}-- a harmless remark\n`);
    await blockedBy('20990101000020_sound.sql', 'the file is now');
    await room.put(file(20, 'sound'), released);
    await converges();
  });

  it('blocks when a file was put before one that is applied', async () => {
    await room.put(file(15, 'late'), 'create table public.late (id int);\n');
    await blockedBy('20990101000015_late.sql', 'older than 20990101000022');
    expect(await exists('late')).toBe(false);
    await room.remove(file(15, 'late'));
    await converges();
  });

  it('blocks when a file that is applied is gone', async () => {
    const gone = await room.read(file(22, 'after'));
    await room.remove(file(22, 'after'));
    await blockedBy('20990101000022', 'not among the files');
    await room.put(file(22, 'after'), gone);
    await converges();
  });

  it('takes line ends for the checkout’s doing', async () => {
    const released = await room.read(file(20, 'sound'));
    await room.put(file(20, 'sound'), released.replaceAll('\n', '\r\n'));
    room.forget();
    expect((await room.apply([acme.slug])).report.agencies[0]?.result).toBe('unchanged');
    expect(room.writes()).toEqual([]);
  });
});
