import { expect, it } from 'vitest';
import { loadControlRoom } from '../../action/src/manifest/load.ts';
import { ROOM } from './play.ts';
import { roomFiles } from './room.ts';

it('plays with a good fleet of its own, whatever this repository became', async () => {
  const files = await roomFiles();
  const under = (folder: string) =>
    Object.entries(files).flatMap(([file, text]) => (file.startsWith(folder) ? [{ file, text }] : []));
  const [source] = under('fleet.yaml');
  if (!source) throw new Error('there is no fleet.yaml');
  const input = { fleet: source, agencies: under('agencies/'), migrations: under('migrations/agency/') };
  const { problems } = loadControlRoom({ ...input, repository: ROOM });
  expect(problems).toEqual([]);
});
