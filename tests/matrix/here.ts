import { composeRun } from '../../action/src/compose.ts';
import type { Event } from '../../action/src/engine/events.ts';
import type { Kinds } from '../../action/src/engine/kind.ts';
import { readEnvironment, type Variables } from '../../action/src/environment.ts';
import type { RunReport } from '../../action/src/outcome.ts';
import type { RunPorts } from '../../action/src/ports.ts';
import { run } from '../../action/src/run.ts';
import { SLUG } from './room.ts';
import type { World } from './world.ts';

export interface Means {
  readonly fetch?: typeof globalThis.fetch;
  /** Real milliseconds that one request may take. */
  readonly deadlineMs?: number;
  /** What a test changes about the kinds. */
  readonly change?: (kinds: Kinds) => Kinds;
}

export interface Applied {
  readonly report: RunReport;
  readonly events: readonly Event[];
}

/** Applies in this process, against the vendors in this process: what takes no port needs none. */
export async function applyHere(world: World, means: Pick<Means, 'deadlineMs'> = {}): Promise<Applied> {
  const inProcess: typeof globalThis.fetch = (input, init) => world.cloud.fetch(new Request(input, init));
  const events: Event[] = [];
  const ports = await portsOf(world.room, world.variables, (event) => events.push(event), {
    fetch: inProcess,
    ...means,
  });
  return { report: await run({ mode: 'apply', agencies: [SLUG] }, ports), events };
}

/** The outside of a run as the command line composes it, with `means` in the place of the usual ones. */
export async function portsOf(
  dir: string,
  variables: Variables,
  emit: (event: Event) => void,
  { fetch, deadlineMs, change = (kinds) => kinds }: Means,
): Promise<RunPorts> {
  const { signal } = new AbortController();
  const here = { dir, signal, emit, ...(fetch && { fetch }), ...(deadlineMs !== undefined && { deadlineMs }) };
  const ports = await composeRun(here, readEnvironment(variables));
  return { ...ports, kinds: async (fleet) => change(await ports.kinds(fleet)) };
}
