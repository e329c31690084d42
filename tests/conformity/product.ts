import type { RunReport } from '../../action/src/outcome.ts';
import { anAgency } from '../support/agency-manifest.ts';
import type { ControlRoom } from '../support/control-room.ts';

/**
 * Everything that a run does to one agency in its life: create, look again, new variable, new migration, suspend, look
 * again, wake, retire, destroy.
 */
export async function lifeOfAnAgency(room: ControlRoom): Promise<RunReport[]> {
  const acme = anAgency();
  const reports: RunReport[] = [];
  const apply = async () => reports.push((await room.apply([acme.slug])).report);
  await room.write(acme.with({}, { env: { FEATURE_INVOICES: 'on', MAPS_KEY: { secret: 'AGENCY_MAPS_KEY' } } }));
  await apply();
  await apply();
  await room.write(acme.with({}, { env: { FEATURE_INVOICES: 'off' } }));
  await apply();
  await room.put(
    'migrations/agency/29990101000000_notes.sql',
    'create table private.conformity_notes (id bigint primary key);\n',
  );
  await apply();
  await room.write(acme.with({}, { lifecycle: 'suspended' }));
  await apply();
  await apply();
  await room.write(acme.with({}, { env: { FEATURE_INVOICES: 'off' } }));
  await apply();
  await room.write(acme.with({}, { lifecycle: 'retired' }));
  await apply();
  const { resources } = await room.status(acme.slug);
  const destroy = Object.fromEntries(['supabase.project', 'vercel.project'].map((at) => [at, resources[at]?.id]));
  room.clock.advance(31 * 24 * 60 * 60_000);
  await room.write(acme.with({}, { lifecycle: 'retired', destroy }));
  await apply();
  return reports;
}
