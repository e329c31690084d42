import { composeRun, composeValidation, type Here } from '../../action/src/compose.ts';
import { placeOf } from '../../action/src/edge/apply.ts';
import { hosting } from '../../action/src/edge/hosting.ts';
import { readEnvironment, readForgeEnvironment, readSurroundings } from '../../action/src/environment.ts';
import type { RunPorts, RunRequest } from '../../action/src/ports.ts';
import { run } from '../../action/src/run.ts';
import {
  type Arguments,
  BASE_OPTION,
  type Command,
  EXIT,
  ROOM_OPTIONS,
  text,
  UsageError,
  type World,
} from './command.ts';
import { reporting, roomOf } from './reporting.ts';

export const validate: Command = {
  name: 'validate',
  usage: '[--base REVISION]',
  summary:
    'Check fleet.yaml, every manifest and every migration, and with --base that a change rewrites nothing that is recorded; needs no network and no secret.',
  options: { ...ROOM_OPTIONS, ...BASE_OPTION },
  words: [0, 0],
  run: (args, world) => perform('validate', args, world),
};

export const plan: Command = {
  name: 'plan',
  usage: '[slug… | --all] [--base REVISION]',
  summary: 'Show what apply would do, for the agencies named, for all, or for those that are due.',
  options: { ...ROOM_OPTIONS, ...BASE_OPTION, all: { type: 'boolean' } },
  words: [0, Number.POSITIVE_INFINITY],
  run: (args, world) => perform('plan', args, world),
};

export const apply: Command = {
  name: 'apply',
  usage: '[slug… | --all | --failed] [--record tree|commit]',
  summary:
    'Make it so, for the agencies named, for all, for those that went wrong the last time, or for those that are due, and record it in the manifests.',
  options: { ...ROOM_OPTIONS, all: { type: 'boolean' }, failed: { type: 'boolean' }, record: { type: 'string' } },
  words: [0, Number.POSITIVE_INFINITY],
  records: true,
  run: (args, world) => perform('apply', args, world),
};

export const drift: Command = {
  name: 'drift',
  usage: '[slug…]',
  summary:
    'Show what has moved at the vendors by itself, for agencies that are as their manifests say; changes nothing.',
  options: { ...ROOM_OPTIONS },
  words: [0, Number.POSITIVE_INFINITY],
  run: (args, world) => perform('plan', args, world, { settled: true }),
};

async function perform(
  mode: RunRequest['mode'],
  args: Arguments,
  world: World,
  wish: Partial<RunRequest> = {},
): Promise<number> {
  assertOneWish(args);
  const compose = composition(mode, args, world);
  const base = baseOf(args);
  const { emit, end } = reporting(args, world, {
    plans: mode === 'apply' ? 'counts' : 'full',
    ...idleWords(mode, args, wish),
  });
  try {
    const ports = await compose({
      dir: roomOf(args, world),
      signal: world.signal,
      emit,
      ...(base !== undefined && { base }),
    });
    const { all, failed } = args.values;
    const request = { mode, agencies: args.positionals, all: all === true, failed: failed === true, ...wish };
    const { result } = await run(request, ports);
    if (result === 'changes') return EXIT.changes;
    return result === 'done' ? EXIT.done : EXIT.failed;
  } finally {
    end();
  }
}

/** What is said of a run that had no agency to work on, where it is not that nothing is due. */
function idleWords(
  mode: RunRequest['mode'],
  { values }: Arguments,
  { settled }: Partial<RunRequest>,
): { idle?: string } {
  if (mode === 'validate') return { idle: 'no problem was found.' };
  if (settled) return { idle: 'nothing was looked at; only agencies that are not due can drift.' };
  return values.failed ? { idle: 'no agency went wrong the last time.' } : {};
}

/** Two of them at once would mean the narrower one, or the wider: nobody knows which. */
function assertOneWish({ positionals, values: { all, failed } }: Arguments): void {
  const wishes = [
    ...(positionals.length > 0 ? ['slugs'] : []),
    ...(all ? ['--all'] : []),
    ...(failed ? ['--failed'] : []),
  ];
  if (wishes.length > 1) throw new UsageError(`${wishes.join(' and ')} do not go together: give one of them`);
}

/** The environment is read before anything is shown: what is missing in it is no run. */
function composition(
  mode: RunRequest['mode'],
  args: Arguments,
  { variables }: World,
): (here: Here) => Promise<RunPorts> {
  if (mode === 'validate') {
    const surroundings = readSurroundings(variables);
    return async (here) => composeValidation(here, surroundings);
  }
  const record = recordOf(args);
  const environment = readEnvironment(variables);
  if (record === 'tree') return (here) => composeRun(here, environment);
  const repository = readForgeEnvironment(variables);
  return async (here) => {
    const hosted = await hosting(here, { environment: repository, workflow: undefined });
    return composeRun(here, environment, placeOf(hosted));
  };
}

/** An empty one is a variable that was not set where it should have been: it must not look as if all was checked. */
function baseOf({ values: { base } }: Arguments): string | undefined {
  if (base === '') throw new UsageError('--base is empty');
  return typeof base === 'string' ? base : undefined;
}

/** `commit`: the control room is that of GITHUB_REPOSITORY as it is now; the folder only saves fetching its files. */
function recordOf(args: Arguments): 'tree' | 'commit' {
  const record = text(args, 'record') ?? 'tree';
  if (record === 'tree' || record === 'commit') return record;
  throw new UsageError(`--record takes tree or commit, not "${record}"`);
}
