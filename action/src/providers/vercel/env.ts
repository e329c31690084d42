import type { Difference, Found, Identity, Kind } from '../../engine/kind.ts';
import { Secret } from '../../lib/secret.ts';
import type { Vercel } from './client.ts';
import {
  type EnvScope,
  isRecorded,
  recordedKeys,
  remember,
  revisionOf,
  type VercelEnvInputs,
  wishedOf,
} from './env-facts.ts';
import { readVariables, removeVariable, type Variable, writeVariables } from './variables.ts';

export interface VercelEnvActual {
  /** Of production, by key. */
  readonly variables: ReadonlyMap<string, Variable>;
}

type FoundEnv = Found<VercelEnvActual>;

/**
 * The production variables of a project that the agency's manifest and the provisioner set; those of other people in
 * the same project are left alone. Running deployments keep what they were built with, which is what `revision` is for.
 */
export function vercelEnv(vercel: Vercel): Kind<VercelEnvInputs, VercelEnvActual> {
  return {
    name: 'vercel.env',
    holdsData: false,
    stableOutputs: [],
    identify: (scope) => identify(vercel, scope),
    read: (_scope, id) => readEnv(vercel, id),
    diff: (scope, { variables }) => [...missing(scope, variables), ...superfluous(scope, variables)],
    create: async (scope) => {
      await writeVariables(vercel, scope.inputs.projectId, wishedOf(scope));
      return readEnv(vercel, scope.inputs.projectId);
    },
    update: (scope, found, differences) => update(vercel, scope, found, differences),
    delete: (scope, id) => removeOurs(vercel, scope, id),
    outputs: (scope) => ({ revision: revisionOf(scope) }),
    remember,
  };
}

async function identify(vercel: Vercel, scope: EnvScope): Promise<Identity<VercelEnvActual>> {
  const found = await readEnv(vercel, scope.inputs.projectId);
  const isNew = scope.recorded?.id === undefined;
  if (!found || (isNew && !Object.keys(wishedOf(scope)).some((key) => found.actual.variables.has(key)))) {
    return { state: 'absent' };
  }
  return { state: 'found', ...found };
}

async function readEnv(vercel: Vercel, projectId: string): Promise<FoundEnv | undefined> {
  const variables = await readVariables(vercel, projectId);
  return variables && { id: projectId, actual: { variables: new Map(variables.map((one) => [one.key, one])) } };
}

function missing(scope: EnvScope, actual: VercelEnvActual['variables']): Difference[] {
  return Object.entries(wishedOf(scope)).flatMap(([key, value]) => {
    const difference = differenceOf(scope, key, value, actual.get(key));
    return difference ? [{ path: key, ...difference }] : [];
  });
}

function differenceOf(
  scope: EnvScope,
  key: string,
  value: string | Secret,
  actual: Variable | undefined,
): Omit<Difference, 'path'> | undefined {
  const after = String(value);
  const type = value instanceof Secret ? 'sensitive' : 'plain';
  if (!actual) return { after };
  if (actual.type !== type) return { before: `not ${type}`, after };
  if (value instanceof Secret) return isRecorded(scope, key, value) ? undefined : { after, writeOnly: true };
  // What stands there may be a secret that somebody pasted, so it is not shown.
  return actual.value === value ? undefined : { before: 'another value', after };
}

/** What was ours and is no longer wished for. */
function superfluous(scope: EnvScope, actual: VercelEnvActual['variables']): Difference[] {
  const wished = wishedOf(scope);
  return recordedKeys(scope)
    .filter((key) => !(key in wished) && actual.has(key))
    .map((path) => ({ path, before: 'set' }));
}

async function update(
  vercel: Vercel,
  scope: EnvScope,
  { id, actual }: FoundEnv,
  differences: readonly Difference[],
): Promise<void> {
  const wished = wishedOf(scope);
  const paths = differences.map(({ path }) => path);
  const changed = paths.flatMap((key) => (wished[key] === undefined ? [] : [[key, wished[key]] as const]));
  await writeVariables(vercel, id, Object.fromEntries(changed));
  for (const key of paths.filter((path) => wished[path] === undefined)) {
    const variable = actual.variables.get(key);
    if (variable) await removeVariable(vercel, id, variable.id);
  }
}

async function removeOurs(vercel: Vercel, scope: EnvScope, id: string): Promise<void> {
  const ours = new Set([...recordedKeys(scope), ...Object.keys(wishedOf(scope))]);
  for (const variable of (await readVariables(vercel, id)) ?? []) {
    if (ours.has(variable.key)) await removeVariable(vercel, id, variable.id);
  }
}
