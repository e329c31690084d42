import { generationOf } from '../../action/src/blueprint.ts';
import { composeRun } from '../../action/src/compose.ts';
import type { Condition } from '../../action/src/engine/conditions.ts';
import { BlockedError, ManifestError } from '../../action/src/engine/errors.ts';
import { readEnvironment } from '../../action/src/environment.ts';
import { timestamp } from '../../action/src/lib/clock.ts';
import { type LoadedAgency, loadControlRoom } from '../../action/src/manifest/load.ts';
import type { Status } from '../../action/src/manifest/schema.ts';
import { spliceStatus } from '../../action/src/manifest/status.ts';
import type { RunPorts } from '../../action/src/ports.ts';
import { type RunReport, run } from '../../action/src/run.ts';
import { type Command, EXIT, ROOM_OPTIONS, UsageError } from './command.ts';
import { reporting, roomOf } from './reporting.ts';

export const mail: Command = {
  name: 'mail',
  usage: 'resend <slug>',
  summary: 'Give the owner a new first password and send the welcome mail again; refused once the owner signed in.',
  options: ROOM_OPTIONS,
  words: [2, 2],
  run: async (args, world) => {
    const [verb, slug = ''] = args.positionals;
    if (verb !== 'resend') throw new UsageError(`mail takes resend, not "${verb}"`);
    const environment = readEnvironment(world.variables);
    const { emit, end } = reporting(args, world, { plans: 'counts' });
    try {
      const ports = await composeRun({ dir: roomOf(args, world), signal: world.signal, emit }, environment);
      const { result } = await resend(slug, ports);
      return result === 'done' ? EXIT.done : EXIT.failed;
    } finally {
      end();
    }
  },
};

/**
 * Starts a new generation of the owner's first password and mail, and applies it. The wish is recorded before anything
 * is done, so a run that comes after a crash goes on with the same generation; one that was never sent is not counted up.
 */
export async function resend(slug: string, ports: RunPorts): Promise<RunReport> {
  const lease = await ports.lease();
  const held: RunPorts = { ...ports, lease: async () => ({ ...lease, release: async () => undefined }) };
  try {
    const agency = await find(slug, held);
    const before = agency.manifest?.status;
    // An owner whose first mail is blocked needs another password as well, so the owner decides, not the mail.
    if (!before?.resources['supabase.owner']?.id) throw neverSent(slug);
    const wished = nextGeneration(before, timestamp(ports.clock.now()));
    await assertPermitted(slug, agency, wished, held);
    await ports.recorder.save(agency.file, wished);
    const report = await run({ mode: 'apply', agencies: [slug] }, held);
    if (ownerIsBlocked(report)) await ports.recorder.save(agency.file, before);
    return report;
  } finally {
    await lease.release();
  }
}

async function find(slug: string, ports: RunPorts): Promise<LoadedAgency> {
  const { agencies } = loadControlRoom(await ports.load());
  const agency = agencies.find((one) => one.slug === slug);
  if (agency) return agency;
  throw new ManifestError(`there is no agencies/${slug}.yaml`, 'npm run provision -- status lists those that exist.');
}

function nextGeneration(before: Status, at: string): Status {
  const known = before.resources['resend.welcome'];
  const current = Number(generationOf(new Map(Object.entries(before.resources))));
  const generation = known && known.id === undefined ? current : current + 1;
  const requested: Condition = {
    type: 'Notified',
    status: 'False',
    reason: 'ResendRequested',
    message: 'somebody asked for a new welcome mail',
    lastTransitionTime: at,
  };
  const others = before.conditions.filter(({ type }) => type !== 'Notified');
  return {
    ...before,
    conditions: [...others, requested],
    resources: { ...before.resources, 'resend.welcome': { generation: String(generation) } },
  };
}

/** A look at what would come of it, before the wish is recorded: a refusal must not stay in the manifest. */
async function assertPermitted(slug: string, agency: LoadedAgency, wished: Status, ports: RunPorts): Promise<void> {
  const load = async () => {
    const room = await ports.load();
    const text = spliceStatus(agency.text, wished);
    return { ...room, agencies: room.agencies.map((one) => (one.file === agency.file ? { ...one, text } : one)) };
  };
  const { agencies, error } = await run({ mode: 'plan', agencies: [slug] }, { ...ports, load, emit: () => undefined });
  const [planned] = agencies;
  if (error ?? planned?.error) throw error ?? planned?.error;
  const blocked = planned?.plan?.changes.find(({ action }) => action === 'blocked');
  if (!blocked) return;
  throw new BlockedError(
    `${blocked.address} is blocked: ${blocked.because}`,
    blocked.remedy ?? 'Decide, and run again.',
  );
}

/** The owner signed in between the look and the act: their password stays, so the wish for another one goes. */
function ownerIsBlocked({ agencies }: RunReport): boolean {
  const outcomes = agencies.flatMap(({ execution }) => execution?.outcomes ?? []);
  return outcomes.some(({ address, result }) => address === 'supabase.owner' && result === 'blocked');
}

function neverSent(slug: string): BlockedError {
  return new BlockedError(
    `no welcome mail was sent for ${slug} yet`,
    `Run npm run provision -- apply ${slug}: it sends the first one when the instance is ready.`,
  );
}
