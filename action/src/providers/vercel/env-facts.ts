import type { Scope } from '../../engine/kind.ts';
import type { Recorded } from '../../engine/resource.ts';
import { canonicalJson, sha256 } from '../../lib/digest.ts';
import { Secret } from '../../lib/secret.ts';
import { MARK } from './variables.ts';

export interface VercelEnvInputs {
  readonly projectId: string;
  /** By key; text is set as plain, a `Secret` as sensitive: it can never be read back. */
  readonly variables: Readonly<Record<string, string | Secret>>;
}

export type EnvScope = Scope<VercelEnvInputs>;

const FINGERPRINT = 'fingerprint.';

/** The mark is the project's, never one of these. */
export function wishedOf({ inputs }: EnvScope): Readonly<Record<string, string | Secret>> {
  return Object.fromEntries(Object.entries(inputs.variables).filter(([key]) => key !== MARK));
}

/** What was ours when it was last recorded. */
export function recordedKeys({ recorded }: EnvScope): string[] {
  return (recorded?.keys ?? '').split(',').filter((key) => key !== '' && key !== MARK);
}

/** The label keeps one value from having one fingerprint in two agencies or under two names. */
function labelled({ agency }: EnvScope, key: string, value: Secret): string {
  return `vercel.env:${agency.uid}:${key}:${value.reveal()}`;
}

export function isRecorded(scope: EnvScope, key: string, value: Secret): boolean {
  const recorded = scope.recorded?.[FINGERPRINT + key];
  return recorded !== undefined && scope.keyring.matches(labelled(scope, key, value), recorded);
}

/**
 * Stays as recorded while no value changes, so that rotating our secret, which changes every fingerprint, redeploys
 * nothing; any change gives a new one that is the same for the same values.
 */
export function revisionOf(scope: EnvScope): string {
  const recorded = scope.recorded?.revision;
  return recorded !== undefined && isUnchanged(scope) ? recorded : shortDigest(facts(scope));
}

function isUnchanged(scope: EnvScope): boolean {
  const now = facts(scope);
  if (scope.recorded?.keys !== now.keys || scope.recorded.plain !== now.plain) return false;
  return secretsOf(scope).every(([key, value]) => isRecorded(scope, key, value));
}

/** What status keeps: fingerprints are made anew each time, hence always under the current key. */
export function remember(scope: EnvScope): Recorded {
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
