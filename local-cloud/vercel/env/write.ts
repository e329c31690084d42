import { badRequest } from '../answers.ts';
import type { EnvVariable, Project } from '../state.ts';
import { newEnvId, stamp, type World } from '../world.ts';
import { type EnvFailure, failure, fits, problem, rivals, targetsOf } from './rules.ts';
import type { EnvWish } from './schema.ts';

/** What became of a batch: each wish is in exactly one of the two. */
export interface EnvOutcome {
  created: EnvVariable[];
  failed: EnvFailure[];
}

/** Takes the variables that can be taken and says why for the others, as the vendor's 201 does. */
export function addVariables(world: World, project: Project, wishes: readonly EnvWish[], upsert: boolean): EnvOutcome {
  const outcome: EnvOutcome = { created: [], failed: [] };
  for (const wish of wishes) {
    const result = addOne(world, project.env, wish, upsert);
    if ('id' in result) outcome.created.push(result);
    else outcome.failed.push(result);
  }
  if (outcome.created.length > 0) project.updatedAt = stamp(world);
  return outcome;
}

function addOne(world: World, env: EnvVariable[], wish: EnvWish, upsert: boolean): EnvVariable | EnvFailure {
  const wrong = problem(wish);
  if (wrong !== undefined) return failure(wish, wrong);
  const [rival] = rivals(env, wish);
  if (rival !== undefined && !(upsert && sameTargets(rival, wish))) return failure(wish, existing(wish), rival);
  const next = variableOf(world, wish, rival);
  const after = env.filter((variable) => variable !== rival).concat(next);
  if (!next.target.every((target) => fits(after, target))) return failure(wish, tooLarge, rival);
  if (rival === undefined) env.push(next);
  else Object.assign(rival, next);
  return rival ?? next;
}

const tooLarge = { code: 'ENV_TOO_LARGE', message: 'The total size of your Environment Variables exceeds 64 KB.' };

function existing(wish: EnvWish): { code: string; message: string } {
  const where = targetsOf(wish).join(',');
  const message = `A variable with the name \`${wish.key}\` already exists for the target ${where} on branch undefined`;
  return { code: 'ENV_CONFLICT', message };
}

function sameTargets(variable: EnvVariable, wish: EnvWish): boolean {
  const wanted = targetsOf(wish);
  return wanted.length === variable.target.length && wanted.every((target) => variable.target.includes(target));
}

function variableOf(world: World, wish: EnvWish, before: EnvVariable | undefined): EnvVariable {
  const at = stamp(world);
  return {
    id: before?.id ?? newEnvId(world),
    key: wish.key,
    value: wish.value,
    type: wish.type,
    target: targetsOf(wish),
    gitBranch: wish.gitBranch ?? null,
    comment: wish.comment ?? '',
    createdAt: before?.createdAt ?? at,
    updatedAt: at,
  };
}

type InitialWish = Omit<EnvWish, 'type' | 'gitBranch'> & {
  type?: EnvWish['type'] | undefined;
  gitBranch?: string | undefined;
};

/**
 * The variables of a project that is being created: all of them or no project.
 * @throws Refusal 400 on the first that cannot be taken
 */
export function initialVariables(world: World, wishes: readonly InitialWish[]): EnvVariable[] {
  const env: EnvVariable[] = [];
  for (const { type = 'encrypted', ...wish } of wishes) {
    const result = addOne(world, env, { ...wish, type }, false);
    if (!('id' in result)) throw badRequest(result.message, result.code);
  }
  return env;
}

/** @throws Refusal 400 while another write to the same project's variables is under way */
export async function oneWriteAtATime<T>(world: World, project: Project, write: () => T): Promise<T> {
  if (world.writing.has(project.id)) {
    throw badRequest("The environment variable couldn't be changed because an update is already happening.");
  }
  world.writing.add(project.id);
  try {
    const result = write();
    await world.context.clock.sleep(world.timing.envWriteMs);
    return result;
  } finally {
    world.writing.delete(project.id);
  }
}
