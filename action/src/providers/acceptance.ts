import type { Kind, Scope } from '../engine/kind.ts';
import { canonicalJson, sha256 } from '../lib/digest.ts';
import type { Secret } from '../lib/secret.ts';
import { assertIsAdmin, assertRefusesWrongPassword, assertSignsIn } from './acceptance/owner.ts';
import { notAccepted } from './acceptance/refusal.ts';
import { assertAnswers } from './acceptance/site.ts';
import { assertForeignKeyRefused, assertNothingPublic } from './acceptance/strangers.ts';
import { passwordLabel, welcomeOf } from './handover.ts';
import type { Http, HttpPolicy } from './http.ts';
import { receiptKind } from './receipt.ts';
import type { Instances } from './supabase/instance.ts';
import { readOwner, updateOwner } from './supabase/owner-api.ts';
import type { Owner } from './supabase/owner-mark.ts';

export interface AcceptanceInputs {
  readonly url: string;
  readonly healthPath: string;
  readonly supabaseUrl: string;
  readonly ref: string;
  readonly publishableKey: string;
  readonly secretKey: Secret;
  readonly userId: string;
  readonly email: string;
  readonly password: Secret;
  /** Of `password`. */
  readonly generation: string;
  readonly schemaVersion: string;
  readonly deploymentId: string;
}

/** What the checks reach an instance by. */
export interface AcceptanceTools {
  readonly instances: Instances;
  /** The Management API, for what only the database can tell. */
  readonly management: Http;
  /** For the site itself, which belongs to no vendor's limit. */
  readonly policy: HttpPolicy;
}

type AcceptanceScope = Scope<AcceptanceInputs>;

/**
 * Whether what was made can be handed over: `Ready` means that the owner can sign in, not that an API said 200. What is
 * created is a receipt, the digest of what was looked at; while that stays the same nothing is looked at again.
 */
export function acceptance(tools: AcceptanceTools): Kind<AcceptanceInputs, null> {
  return receiptKind({ name: 'acceptance', receiptOf, make: (scope) => accept(tools, scope) });
}

function receiptOf({ inputs }: AcceptanceScope): string {
  const { url, healthPath, publishableKey, userId, email, schemaVersion, deploymentId, generation } = inputs;
  const about = { url, healthPath, publishableKey, userId, email, schemaVersion, deploymentId, generation };
  return sha256(canonicalJson(about)).slice('sha256:'.length, 'sha256:'.length + 16);
}

async function accept(tools: AcceptanceTools, scope: AcceptanceScope): Promise<void> {
  const { inputs } = scope;
  const owner = await confirmedOwner(tools, inputs);
  // From the moment a mail was begun the password may be the owner's own, and a sign-in of ours would prove nothing.
  const isFirst = Number(welcomeOf(owner.mark)?.generation ?? 0) < Number(inputs.generation);
  await all([
    assertAnswers(inputs.url, inputs.healthPath, tools.policy),
    isFirst ? assertSignsIn(signIn(tools, inputs, owner, inputs.password)) : assertStillOwner(tools, scope, owner),
    assertStrangersKeptOut(tools, scope),
  ]);
  if (isFirst) await noteSignIn(tools, scope);
}

/** Waits for every check, so that none goes on behind the back of a run that has failed; throws the first failure. */
async function all(checks: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(checks);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

async function confirmedOwner({ instances }: AcceptanceTools, inputs: AcceptanceInputs): Promise<Owner> {
  const owner = await readOwner(instances(inputs.supabaseUrl, inputs.secretKey), inputs.userId);
  if (owner?.actual.confirmed) return owner.actual;
  throw notAccepted(
    'supabase',
    owner ? 'the owner’s address is not confirmed' : 'the owner is gone from Auth',
    'Run again: supabase.owner mends what can be mended.',
  );
}

function signIn({ instances }: AcceptanceTools, inputs: AcceptanceInputs, { id, email }: Owner, password: Secret) {
  return { instances, url: inputs.supabaseUrl, publishableKey: inputs.publishableKey, userId: id, email, password };
}

async function assertStillOwner(tools: AcceptanceTools, scope: AcceptanceScope, owner: Owner): Promise<void> {
  const { inputs } = scope;
  await assertIsAdmin(tools.management, inputs.ref, inputs.userId);
  await assertRefusesWrongPassword(signIn(tools, inputs, owner, probe(scope)));
}

async function assertStrangersKeptOut({ instances, management, policy }: AcceptanceTools, scope: AcceptanceScope) {
  const { supabaseUrl: url, ref, publishableKey } = scope.inputs;
  const about = { instances, management, url, ref, publishableKey, clock: policy.clock, signal: policy.signal };
  await all([assertNothingPublic(about), assertForeignKeyRefused(about, probe(scope))]);
}

/** A password that nobody has, least of all by chance. */
function probe({ agency, keyring }: AcceptanceScope): Secret {
  return keyring.password(`acceptance-probe:${agency.uid}`);
}

/** Later sign-ins are told from ours by its time, and a mail with another password than the one that worked is not sent. */
async function noteSignIn({ instances }: AcceptanceTools, { agency, inputs, keyring }: AcceptanceScope): Promise<void> {
  const instance = instances(inputs.supabaseUrl, inputs.secretKey);
  const owner = await readOwner(instance, inputs.userId);
  const mark = owner?.actual.mark;
  if (!mark) throw notAccepted('supabase', 'the owner has lost our mark', 'Run again: supabase.owner sets it anew.');
  const accepted = keyring.fingerprint(passwordLabel(agency.uid, inputs.generation, inputs.password));
  const acceptedAt = owner.actual.lastSignInAt;
  const provisioner = { ...mark, accepted, ...(acceptedAt !== undefined && { acceptedAt }) };
  await updateOwner(instance, inputs.userId, { app_metadata: { provisioner } });
}
