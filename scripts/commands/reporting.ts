import { resolve } from 'node:path';
import { classify } from '../../action/src/engine/errors.ts';
import type { Emit, RunResult } from '../../action/src/engine/events.ts';
import { redact } from '../../action/src/lib/redact.ts';
import { ndjson } from '../../action/src/report/ndjson.ts';
import { emitTo, type Reporter } from '../../action/src/report/reporter.ts';
import { type Screen, type TerminalOptions, terminal } from '../../action/src/report/terminal.ts';
import { type Arguments, EXIT, text, type World } from './command.ts';
import { eventInSameRoom, inSameRoom, troubleInSameRoom } from './same-room.ts';

const CLOCK = { now: () => Date.now() };

/** The control room's folder. */
export function roomOf(args: Arguments, world: World): string {
  return resolve(world.cwd, text(args, 'dir') ?? '.');
}

/** What a run over this command line emits to, and the way to end the show. */
export function reporting(
  args: Arguments,
  world: World,
  options: Omit<TerminalOptions, 'verbose'>,
): { emit: Emit; end(): void } {
  const reporter: Reporter = args.values.json
    ? ndjson((line) => world.stdout.write(line))
    : terminal(screenOf(world), { ...options, verbose: args.values.verbose === true });
  const [emit, here] = [emitTo([reporter], CLOCK), inSameRoom(args)];
  return { emit: (event) => emit(eventInSameRoom(event, here)), end: reporter.end };
}

function screenOf({ stdout, variables }: World): Screen {
  const terminalIsThere = stdout.isTTY === true && variables.TERM !== 'dumb';
  return {
    write: (line) => stdout.write(line),
    size: () => ({ columns: stdout.columns ?? 100, rows: stdout.rows ?? 24 }),
    live: terminalIsThere && !variables.CI,
    // https://no-color.org: whatever is not empty
    color: terminalIsThere && !variables.NO_COLOR,
    now: () => performance.now(),
  };
}

/** What a program reads that is no event of a run, such as a line of `status`. */
export function printJson(world: World, value: Readonly<Record<string, unknown>>): void {
  const at = `${new Date(CLOCK.now()).toISOString().slice(0, 19)}Z`;
  world.stdout.write(`${redact(JSON.stringify({ v: 1, ...value, at }))}\n`);
}

/** Ends a command that is no run: the last line for programs. */
export function printEnd(world: World, args: Arguments, message: string): void {
  if (args.values.json) printJson(world, { type: 'run', result: 'done', message });
}

/** Tells what stopped a command before or beside a run; `args` is what was understood of it. Gives the exit code. */
export function tellError(thrown: unknown, args: Arguments, world: World): number {
  const error = classify(thrown);
  const result: RunResult = error.class === 'blocked' || error.class === 'waiting' ? error.class : 'failed';
  const trouble = troubleInSameRoom(error, inSameRoom(args));
  if (args.values.json) {
    printJson(world, { type: 'run', result, message: error.message, agencies: 0, changed: 0, error: trouble });
  } else {
    const word = { blocked: 'Blocked', waiting: 'Waiting', failed: 'Failed' }[result];
    world.stderr.write(redact(`${word}: ${error.message}\nNext: ${trouble.remedy.replaceAll('\n', '\n      ')}\n`));
  }
  return EXIT.failed;
}
