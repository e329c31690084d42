import { generationOf } from '../../action/src/blueprint.ts';
import { composeRun } from '../../action/src/compose.ts';
import type { Condition } from '../../action/src/engine/conditions.ts';
import type { Change } from '../../action/src/engine/decide.ts';
import { BlockedError } from '../../action/src/engine/errors.ts';
import { readEnvironment } from '../../action/src/environment.ts';
import { timestamp } from '../../action/src/lib/clock.ts';
import { type LoadedAgency, loadControlRoom } from '../../action/src/manifest/load.ts';
import type { Status } from '../../action/src/manifest/schema.ts';
import { spliceStatus } from '../../action/src/manifest/status.ts';
import type { RunReport } from '../../action/src/outcome.ts';
import type { RunPorts } from '../../action/src/ports.ts';
import { run } from '../../action/src/run.ts';
import { noSuchAgency } from '../../action/src/selection.ts';
import { type Command, EXIT, ROOM_OPTIONS, UsageError } from './command.ts';
import { reporting, roomOf } from './reporting.ts';

const OWNER = 'supabase.owner';
const MAIL = 'resend.welcome';
/** How many generations are tried, each with a look: status may have fallen behind what the owner's mark says. */
const LOOKS = 5;

export const mail: Command = {
  name: 'mail',
  usage: 'resend <slug>',
  summary: 'Give the owner a new first password and send the welcome mail again; refused once the owner signed in.',
  options: ROOM_OPTIONS,
  words: [2, 2],
  records: true,
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
 * is done, so a run that comes after a crash goes on with the same generation; one that was never begun is not counted up.
 */
export async function resend(slug: string, ports: RunPorts): Promise<RunReport> {
  const lease = await ports.lease();
  const held: RunPorts = { ...ports, lease: async () => ({ ...lease, release: async () => undefined }) };
  try {
    const agency = await find(slug, held);
    const lifecycle = agency.manifest?.spec.lifecycle ?? 'active';
    if (lifecycle !== 'active') throw resting(slug, lifecycle);
    const before = agency.manifest?.status;
    // An owner whose first mail is blocked needs another password as well, so the owner decides, not the mail.
    if (!before?.resources[OWNER]?.id) throw neverSent(slug);
    await ports.recorder.save(agency.file, await nextWish(agency, before, held));
    const report = await run({ mode: 'apply', agencies: [slug], agreed: false }, held);
    if (ownerIsBlocked(report)) await takeBack(slug, before, held);
    return report;
  } finally {
    await lease.release();
  }
}

async function find(slug: string, ports: RunPorts): Promise<LoadedAgency> {
  const { agencies } = loadControlRoom(await ports.load());
  const agency = agencies.find((one) => one.slug === slug);
  if (agency) return agency;
  throw noSuchAgency(
    [slug],
    agencies.map((one) => one.slug),
  );
}

/**
 * The status that wishes for another mail: of the first generation that would be sent. Whether one was begun already
 * only a look tells, and what the look refuses is refused here: a refusal must not stay in the manifest.
 */
async function nextWish(agency: LoadedAgency, before: Status, ports: RunPorts): Promise<Status> {
  const first = firstGeneration(before);
  let refusal = needsNone(agency.slug);
  for (let generation = first; generation < first + LOOKS; generation += 1) {
    const wished = wishFor(before, generation, timestamp(ports.clock.now()));
    const changes = await lookAhead(agency, wished, ports);
    assertHarmless(agency.slug, changes);
    const blocked = changes.filter(({ action }) => action === 'blocked');
    const cause = blocked.find(({ address }) => address !== MAIL);
    if (cause) throw await refused(agency, before, cause, ports);
    if (changes.some(({ address, action }) => address === MAIL && action === 'create')) return wished;
    refusal = blocked[0] ? asError(blocked[0]) : refusal;
  }
  throw refusal;
}

/** What was wished for and is not recorded as sent is gone on with, unless the owner has come further than that. */
function firstGeneration({ resources }: Status): number {
  const known = resources[MAIL];
  const wished = Number(generationOf(new Map(Object.entries(resources))));
  const latest = Number(resources[OWNER]?.generation ?? '1');
  return known && known.id === undefined && wished >= latest ? wished : Math.max(wished, latest) + 1;
}

function wishFor(before: Status, generation: number, at: string): Status {
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
    resources: { ...before.resources, [MAIL]: { generation: String(generation) } },
  };
}

/** What an apply would come to if this were the status. */
async function lookAhead(agency: LoadedAgency, wished: Status, ports: RunPorts): Promise<readonly Change[]> {
  const load = async () => {
    const room = await ports.load();
    const text = spliceStatus(agency.text, wished);
    return { ...room, agencies: room.agencies.map((one) => (one.file === agency.file ? { ...one, text } : one)) };
  };
  const request = { mode: 'plan', agencies: [agency.slug] } as const;
  const { agencies, error } = await run(request, { ...ports, load, emit: () => undefined });
  const [planned] = agencies;
  if (error ?? planned?.error) throw error ?? planned?.error;
  return planned?.plan?.changes ?? [];
}

/** Who asks for a mail has seen no plan, and agrees to nothing dangerous that would come with it. */
function assertHarmless(slug: string, changes: readonly Change[]): void {
  const acts = changes.filter(({ danger }) => danger !== 'none').map(({ danger, address }) => `${danger} ${address}`);
  if (acts.length === 0) return;
  throw new BlockedError(
    `another mail for ${slug} would bring a dangerous change with it: ${acts.join(', ')}`,
    `If it is meant, apply it by its name first: npm run provision -- apply ${slug}`,
  );
}

/** A wish that was recorded before the owner signed in would block for ever: it goes with the refusal. */
async function refused(agency: LoadedAgency, before: Status, cause: Change, { recorder }: RunPorts): Promise<Error> {
  const isTheirs = cause.address === OWNER && cause.differences.some(({ path }) => path === 'first password');
  const remaining = withoutWish(before);
  if (!isTheirs || remaining === before) return asError(cause);
  await recorder.save(agency.file, remaining);
  return asError({
    ...cause,
    remedy: `The wish for another mail is taken back: npm run provision -- apply ${agency.slug} goes on without it.`,
  });
}

function asError({ address, because, remedy }: Change): BlockedError {
  return new BlockedError(`${address} is blocked: ${because}`, remedy ?? 'Decide, and run again.');
}

/** Without a wish that was never fulfilled; what the owner was mailed before is in their mark. */
function withoutWish(status: Status): Status {
  const { [MAIL]: known, ...resources } = status.resources;
  return known && known.id === undefined ? { ...status, resources } : status;
}

/** Takes the wish out of what the run left behind. All else that the run recorded is true, and stays. */
async function takeBack(slug: string, before: Status, ports: RunPorts): Promise<void> {
  const { file, manifest } = await find(slug, ports);
  const now = manifest?.status;
  if (!now) return;
  const { [MAIL]: _, ...resources } = now.resources;
  const mailed = withoutWish(before).resources[MAIL];
  const notified = before.conditions.find(({ type }) => type === 'Notified');
  await ports.recorder.save(file, {
    ...now,
    conditions: now.conditions.map((one) => (one.type === 'Notified' ? (notified ?? one) : one)),
    resources: { ...resources, ...(mailed && { [MAIL]: mailed }) },
  });
}

/** The owner signed in between the look and the act: their password stays, so the wish for another one goes. */
function ownerIsBlocked({ agencies }: RunReport): boolean {
  const outcomes = agencies.flatMap(({ execution }) => execution?.outcomes ?? []);
  return outcomes.some(({ address, result }) => address === OWNER && result === 'blocked');
}

function resting(slug: string, lifecycle: string): BlockedError {
  return new BlockedError(`${slug} is ${lifecycle}, and its owner could not sign in`, 'Merge lifecycle: active first.');
}

function neverSent(slug: string): BlockedError {
  return new BlockedError(
    `no welcome mail was sent for ${slug} yet`,
    `Run npm run provision -- apply ${slug}: it sends the first one when the instance is ready.`,
  );
}

function needsNone(slug: string): BlockedError {
  return new BlockedError(
    `no further mail would be sent for ${slug}`,
    'The owner has a password of their own: “forgot password” in the app gives them another one.',
  );
}
