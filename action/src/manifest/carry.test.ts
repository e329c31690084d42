import { describe, expect, test } from 'vitest';
import { anAgency } from '../../../tests/support/agency-manifest.ts';
import { carry } from './carry.ts';
import type { RoomInput } from './load.ts';
import type { Status } from './schema.ts';
import { spliceStatus } from './status.ts';

const acme = anAgency('acme');
const status = (id: string): Status => ({ conditions: [], outputs: {}, resources: { 'vercel.project': { id } } });
const renamed = acme.with({ displayName: 'Another' });

const room = (files: Readonly<Record<string, string>>, fleet = 'kind: Fleet\n'): RoomInput => {
  const every = Object.entries(files).map(([file, text]) => ({ file, text }));
  const within = (folder: string) => every.filter(({ file }) => file.startsWith(folder));
  return {
    fleet: { file: 'fleet.yaml', text: fleet },
    agencies: within('agencies/'),
    migrations: within('migrations/'),
  };
};
const all = ({ fleet, agencies, migrations }: RoomInput) => [fleet, ...agencies, ...migrations];
const carried = (was: RoomInput, made: RoomInput, now: RoomInput) => carry({ was: all(was), made: all(made) }, now);
const texts = ({ agencies, migrations }: RoomInput) =>
  Object.fromEntries([...agencies, ...migrations].map(({ file, text }) => [file, text]));

describe('a change that is carried onto the branch as it is now', () => {
  test.each<[string, string | undefined, string | undefined, string | undefined, string | undefined, boolean]>([
    ['leaves what it did not touch', 'a', 'a', 'b', 'b', false],
    ['leaves what the branch took away', 'a', 'a', undefined, undefined, false],
    ['leaves what the branch added', undefined, undefined, 'b', 'b', false],
    ['adds', undefined, 'c', undefined, 'c', false],
    ['changes', 'a', 'c', 'a', 'c', false],
    ['takes away', 'a', undefined, 'a', undefined, false],
    ['agrees', 'a', 'c', 'c', 'c', false],
    ['differs', 'a', 'c', 'b', 'c', true],
    ['takes away what was changed', 'a', undefined, 'b', undefined, true],
    ['changes what was taken away', 'a', 'c', undefined, 'c', true],
  ])('%s', (_, was, made, now, wanted, isDoubtful) => {
    const file = 'migrations/agency/1.sql';
    const [before, change, branch] = [was, made, now].map((text) => room(text === undefined ? {} : { [file]: text }));
    if (!before || !change || !branch) throw new Error('three rooms were made');
    const { room: after, doubtful } = carried(before, change, branch);
    expect(texts(after)).toEqual(wanted === undefined ? {} : { [file]: wanted });
    expect(doubtful).toEqual(isDoubtful ? [file] : []);
  });

  test('takes the status that was recorded meanwhile', () => {
    const before = room({ [acme.file]: acme.text() });
    const branch = room({ [acme.file]: spliceStatus(acme.text(), status('prj_1')) });
    const { room: after, doubtful } = carried(before, room({ [acme.file]: renamed.text() }), branch);
    expect(texts(after)).toEqual({ [acme.file]: spliceStatus(renamed.text(), status('prj_1')) });
    expect(doubtful).toEqual([]);
  });

  test('keeps a status that it rewrote itself', () => {
    const with_ = (id: string) => room({ [acme.file]: spliceStatus(acme.text(), status(id)) });
    const { room: after } = carried(with_('prj_1'), with_('prj_forged'), with_('prj_2'));
    expect(texts(after)).toEqual(texts(with_('prj_forged')));
  });

  test('changes the fleet, or takes it as it is now', () => {
    const [old, other] = [room({}), room({}, 'kind: Other\n')];
    expect(carried(old, other, old).room.fleet.text).toBe('kind: Other\n');
    expect(carried(old, old, other).room.fleet.text).toBe('kind: Other\n');
  });

  test('need not be told of what it did not touch', () => {
    const now = room({ [acme.file]: acme.text() }, 'kind: Now\n');
    const added = { file: 'agencies/new.yaml', text: 'new\n' };
    const { room: after, doubtful } = carry({ was: [], made: [added] }, now);
    expect(texts(after)).toEqual({ [acme.file]: acme.text(), [added.file]: added.text });
    expect(after.fleet.text).toBe('kind: Now\n');
    expect(doubtful).toEqual([]);
  });
});
