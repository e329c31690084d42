import { existsSync, statfsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Variables } from '../../action/src/environment.ts';
import { type Cloud, startCloud } from '../../local-cloud/cloud.ts';
import type { Hold } from '../../local-cloud/holds.ts';
import { openInstance } from '../../local-cloud/instance/instance.ts';
import { makeRoom } from './room.ts';
import { type Logged, nameOf, type Site } from './sites.ts';

/**
 * Real milliseconds that the product takes for one of the vendors': its polls and pauses shrink to this part. The
 * vendors themselves keep real time and need no time for anything, so that how often they are asked stays the same.
 */
const TIME_SCALE = 0.01;

/** What the vendors hold: `GET /_cloud/state`. */
export interface State {
  readonly projects: readonly { ref: string; name: string; status: string }[];
  readonly vercelProjects: readonly { id: string; name: string; url: string }[];
  readonly deployments: readonly { id: string; project: string; readyState: string; url: string }[];
  readonly users: readonly { ref: string; id: string; email: string }[];
  readonly mails: readonly { id: string; to: string | readonly string[]; subject: string }[];
}

/** The vendors, one control room, and what a case does to them. */
export interface World {
  readonly cloud: Cloud;
  /** The control room. */
  readonly room: string;
  /** All that a run is told from outside. */
  readonly variables: Variables;
  ask(method: string, path: string, body?: unknown): Promise<unknown>;
  requests(): Promise<readonly Logged[]>;
  state(): Promise<State>;
  holds(): Promise<readonly Hold[]>;
}

export interface WorldOptions {
  readonly timeScale?: number;
  /** Of the Supabase organization. */
  readonly plan?: 'pro' | 'free';
}

/** A world of its own for one case; gone when the test ends. */
export async function aWorld(options: WorldOptions = {}): Promise<World> {
  const dir = await mkdtemp(join(scratch(), 'matrix-'));
  const { world, close } = await openWorld(dir, options);
  onTestFinished(close);
  return world;
}

const MEMORY = '/dev/shm';
const ENOUGH_BYTES = 1024 ** 3;

/** Every case writes 40 MB of Postgres; where there is a disk in memory, that takes half the time. */
export function scratch(): string {
  if (!existsSync(MEMORY)) return tmpdir();
  const { bavail, bsize } = statfsSync(MEMORY);
  return bavail * bsize > ENOUGH_BYTES ? MEMORY : tmpdir();
}

/** The same for who is no test. */
export async function openWorld(
  dir: string,
  { timeScale = TIME_SCALE, plan = 'pro' }: WorldOptions,
): Promise<{ world: World; close(): Promise<void> }> {
  const room = join(dir, 'room');
  const cloud = await startCloud({
    dir: join(dir, 'cloud'),
    port: 0,
    profile: 'none',
    seed: 'matrix',
    plan,
    // The faults of a case shall be the only ones.
    rateLimits: false,
    openInstance: (told) => openInstance({ ...told, passwordCost: 4 }),
  });
  await makeRoom(room, cloud.environment());
  const ask = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const init = { method, ...(body !== undefined && { body: JSON.stringify(body) }) };
    const answer = await cloud.fetch(new Request(`${cloud.origin}${path}`, init));
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  const world: World = {
    cloud,
    room,
    variables: {
      ...cloud.environment(),
      PROVISIONER_TIME_SCALE: String(timeScale),
      AGENCY_MAPS_KEY: 'maps-0123456789',
    },
    ask,
    requests: async () => (await ask('GET', '/_cloud/requests')) as readonly Logged[],
    state: async () => (await ask('GET', '/_cloud/state')) as State,
    holds: async () => (await ask('GET', '/_cloud/holds')) as readonly Hold[],
  };
  const close = async () => {
    await cloud.close();
    await rm(dir, { recursive: true, force: true });
  };
  return { world, close };
}

/** Lets one call site misbehave as `effect` says, from now on. */
export async function disturb(world: World, site: Omit<Site, 'nth'> & { nth?: number }, effect: object): Promise<void> {
  const { service, method, path, nth = 1 } = site;
  await world.ask('POST', '/_cloud/faults', { service, method, path, nth, ...effect });
}

/** Ends all faults. Fails when one of them was never hit: then the case has proved nothing. */
export async function calm(world: World, sites: readonly Site[]): Promise<void> {
  const faults = (await world.ask('GET', '/_cloud/faults')) as readonly { fault: Site; fired: number }[];
  await world.ask('DELETE', '/_cloud/faults');
  const missed = faults.filter(({ fired }) => fired === 0).map(({ fault }) => nameOf(fault));
  if (faults.length === sites.length && missed.length === 0) return;
  throw new Error(`never hit: ${missed.join(', ') || 'no fault was there'}`);
}
