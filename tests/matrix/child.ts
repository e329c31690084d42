import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Stamped } from '../../action/src/engine/events.ts';
import { SLUG } from './room.ts';
import type { World } from './world.ts';

/** How a process ended, and all that it said. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly events: readonly Stamped[];
  /** For people who read a failed case. */
  readonly said: string;
}

export interface Child {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** Longer than any run takes on a busy machine; a run that is still there hangs. */
const HANGS_AFTER_MS = 40_000;

/** Starts `apply` in a process of its own; `program` is a bundle that takes the arguments of the command line. */
export function startApply(program: string, { room, variables }: World): Child {
  const child = spawn(process.execPath, [program, 'apply', SLUG, '--dir', room, '--json'], {
    env: { PATH: process.env.PATH, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: HANGS_AFTER_MS,
    killSignal: 'SIGTERM',
  });
  return { process: child, ended: endOf(child) };
}

/** Runs `apply` in a process of its own to its end. */
export function apply(program: string, world: World): Promise<Ended> {
  return startApply(program, world).ended;
}

async function endOf(child: ChildProcess): Promise<Ended> {
  const [out, err] = [collect(child.stdout), collect(child.stderr)];
  const [code, signal]: (number | NodeJS.Signals | null)[] = await once(child, 'close');
  return {
    code: typeof code === 'number' ? code : null,
    signal: typeof signal === 'string' ? signal : null,
    events: out().split('\n').flatMap(parseLine),
    said: `${out()}${err()}`,
  };
}

function collect(stream: NodeJS.ReadableStream | null): () => string {
  let text = '';
  stream?.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  return () => text;
}

/** A line of a killed process may be cut anywhere. */
function parseLine(line: string): Stamped[] {
  try {
    return line === '' ? [] : [JSON.parse(line)];
  } catch {
    return [];
  }
}
