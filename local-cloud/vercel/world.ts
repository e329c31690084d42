import type { CloudContext } from '../service.ts';
import {
  defaultRepositories,
  defaultTiming,
  type Repository,
  type VercelOptions,
  type VercelTiming,
} from './options.ts';
import { emptyState, type VercelState, vercelState } from './state.ts';

const letters = 'abcdefghijklmnopqrstuvwxyz';
const digits = '0123456789';
const alphanumerics = letters + letters.toUpperCase() + digits;

/** What every route works on. */
export interface World {
  readonly context: CloudContext;
  readonly options: VercelOptions;
  readonly timing: VercelTiming;
  readonly repositories: Readonly<Record<string, Repository>>;
  readonly state: VercelState;
  /** Projects whose env is being written at this moment. */
  readonly writing: Set<string>;
}

/**
 * Takes up what an earlier process saved, or starts empty.
 * @throws ZodError when `options.saved` is not what `save()` gave.
 */
export function openWorld(context: CloudContext, options: VercelOptions): World {
  return {
    context,
    options,
    timing: { ...defaultTiming, ...options.timing },
    repositories: options.repositories ?? defaultRepositories,
    state: structuredClone(options.saved == null ? emptyState : vercelState.parse(options.saved)),
    writing: new Set(),
  };
}

function draw(world: World, label: string, length: number, alphabet: string): string {
  world.state.serial += 1;
  return world.context.chance.text(`vercel.${label}.${world.state.serial}`, length, alphabet);
}

export const newProjectId = (world: World): string => `prj_${draw(world, 'project', 28, alphanumerics)}`;
export const newDeploymentId = (world: World): string => `dpl_${draw(world, 'deployment', 28, alphanumerics)}`;
export const newEnvId = (world: World): string => draw(world, 'env', 16, alphanumerics);
/** For hosts: lower case letters and digits. */
export const newSuffix = (world: World): string => draw(world, 'suffix', 9, letters + digits);

/** Vendor time that no two calls share, so that lists can be paged by it without losing or repeating anything. */
export function stamp(world: World): number {
  world.state.lastTime = Math.max(Math.floor(world.context.clock.now()), world.state.lastTime + 1);
  return world.state.lastTime;
}

/** Vendor time now, never before a stamp that was already given out. */
export const present = (world: World): number => Math.max(world.context.clock.now(), world.state.lastTime);

/** The person the token belongs to: what calls without a team act for. */
export const person = {
  id: 'usr_localcloud0000000000',
  username: 'local-cloud',
  email: 'operator@local-cloud.example',
  name: 'Local cloud operator',
} as const;
