import { expect, it } from 'vitest';
import { anAgency } from '../../../tests/support/agency-manifest.ts';
import { loadControlRoom } from '../manifest/load.ts';
import { jobIdOf, residentsOf } from './onboarding.ts';

it('a job’s id is a UUID of its request and its run, and of nothing else', () => {
  const ids = ['1', '2'].flatMap((run) => ['a', 'b'].map((request) => jobIdOf(request, run)));
  expect(new Set([...ids, jobIdOf('a', '1')]).size).toBe(4);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

it('residents are the agencies that name a request and can be read', () => {
  const asked = anAgency('acme-studio').with({}, { requestId: 'req-1' });
  const texts = [asked.text(), anAgency('walk-in').text(), 'spec: {'];
  const agencies = texts.map((text, nr) => ({ file: `agencies/${['acme-studio', 'walk-in', 'odd'][nr]}.yaml`, text }));
  const room = { fleet: { file: 'fleet.yaml', text: '' }, agencies, migrations: [] };
  expect(residentsOf(loadControlRoom(room))).toEqual([{ slug: 'acme-studio', requestId: 'req-1', status: undefined }]);
});
