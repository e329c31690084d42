import type { Difference, Found, Identity, Kind, Scope } from '../../engine/kind.ts';
import type { Recorded } from '../../engine/resource.ts';
import { canonicalJson, sha256 } from '../../lib/digest.ts';
import { Secret } from '../../lib/secret.ts';
import type { Vercel } from './client.ts';
import { MARK, readVariables, removeVariable, type Variable, writeVariables } from './variables.ts';

export interface VercelEnvInputs {
  readonly projectId: string;
  /** By key; text is set as plain, a `Secret` as sensitive: it can never be read back. */
  readonly variables: Readonly<Record<string, string | Secret>>;
}

export interface VercelEnvActual {
  /** Of production, by key. */
  readonly variables: ReadonlyMap<string, Variable>;
}

type EnvScope = Scope<VercelEnvInputs>;
type FoundEnv = Found<VercelEnvActual>;

const FINGERPRINT = 'fingerprint.';

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

/** The mark is the project's, never one of these. */
function wishedOf({ inputs }: EnvScope): Readonly<Record<string, string | Secret>> {
  return Object.fromEntries(Object.entries(inputs.variables).filter(([key]) => key !== MARK));
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

function recordedKeys({ recorded }: EnvScope): string[] {
  return (recorded?.keys ?? '').split(',').filter((key) => key !== '' && key !== MARK);
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

/** The label keeps one value from having one fingerprint in two agencies or under two names. */
function labelled({ agency }: EnvScope, key: string, value: Secret): string {
  return `vercel.env:${agency.uid}:${key}:${value.reveal()}`;
}

function isRecorded(scope: EnvScope, key: string, value: Secret): boolean {
  const recorded = scope.recorded?.[FINGERPRINT + key];
  return recorded !== undefined && scope.keyring.matches(labelled(scope, key, value), recorded);
}

/**
 * Stays as recorded while no value changes, so that rotating our secret, which changes every fingerprint, redeploys
 * nothing; any change gives a new one that is the same for the same values.
 */
function revisionOf(scope: EnvScope): string {
  const recorded = scope.recorded?.revision;
  return recorded !== undefined && isUnchanged(scope) ? recorded : shortDigest(facts(scope));
}

function isUnchanged(scope: EnvScope): boolean {
  const now = facts(scope);
  if (scope.recorded?.keys !== now.keys || scope.recorded.plain !== now.plain) return false;
  return secretsOf(scope).every(([key, value]) => isRecorded(scope, key, value));
}

/** What status keeps: fingerprints are made anew each time, hence always under the current key. */
function remember(scope: EnvScope): Recorded {
  return { revision: revisionOf(scope), ...facts(scope) };
}

function facts(scope: EnvScope): Recorded & { readonly keys: string; readonly plain: string } {
  const wished = wishedOf(scope);
  const plain = Object.entries(wished).filter(([, value]) => !(value instanceof Secret));
  return {
    keys: Object.keys(wished).toSorted().join(','),
    plain: shortDigest(Object.fromEntries(plain)),
    ...Object.fromEntries(
      secretsOf(scope).map(([key, value]) => [
        FINGERPRINT + key,
        scope.keyring.fingerprint(labelled(scope, key, value)),
      ]),
    ),
  };
}

function secretsOf(scope: EnvScope): (readonly [string, Secret])[] {
  return Object.entries(wishedOf(scope)).flatMap(([key, value]) => (value instanceof Secret ? [[key, value]] : []));
}

function shortDigest(value: unknown): string {
  return sha256(canonicalJson(value)).slice('sha256:'.length, 'sha256:'.length + 16);
}
