import type { ParseArgsConfig } from 'node:util';

type Options = NonNullable<ParseArgsConfig['options']>;

/** Everything outside of a command, handed in. */
export interface World {
  /** The process's variables. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Aborted when somebody wants the process to end. */
  readonly signal: AbortSignal;
  readonly stdout: Output;
  readonly stderr: Output;
}

export interface Output {
  write(text: string): void;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

/** The parsed command line behind the command's name. */
export interface Arguments {
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
  readonly positionals: readonly string[];
}

/** One command. `run` gives the exit code, or rejects with what went wrong. */
export interface Command {
  readonly name: string;
  /** What stands behind the name, e.g. `<slug> --name NAME`. */
  readonly usage: string;
  readonly summary: string;
  readonly options: Options;
  /** How many words it takes behind its name, at least and at most. */
  readonly words: readonly [number, number];
  /** It writes down what it has done, so that whoever stops it loses nothing. */
  readonly records?: true;
  run(args: Arguments, world: World): Promise<number>;
}

/** What somebody typed cannot be understood. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The options of every command that works on a control room. */
export const ROOM_OPTIONS = {
  dir: { type: 'string', short: 'd' },
  json: { type: 'boolean' },
  verbose: { type: 'boolean', short: 'v' },
} as const satisfies Options;

/** For commands that judge a change: what it changes. */
export const BASE_OPTION = { base: { type: 'string' } } as const satisfies Options;

/** The text of an option; absent or empty is `undefined`. */
export function text({ values }: Arguments, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The text of an option that must be there. */
export function required(args: Arguments, name: string): string {
  const value = text(args, name);
  if (value === undefined) throw new UsageError(`--${name} is missing`);
  return value;
}

/** The number of an option, within bounds. */
export function number(args: Arguments, name: string, least: number, most: number): number | undefined {
  const value = text(args, name);
  if (value === undefined) return undefined;
  const read = Number(value);
  if (Number.isFinite(read) && read >= least && read <= most) return read;
  throw new UsageError(`--${name} must be a number from ${least} to ${most}, not "${value}"`);
}

/** Exit codes of DESIGN "Fixed interfaces". */
export const EXIT = { done: 0, failed: 1, changes: 2 } as const;
