import type { Difference } from '../../engine/kind.ts';
import { type Clock, timestamp } from '../../lib/clock.ts';
import { notNeeded, type WelcomeMark } from '../handover.ts';
import type { OwnerInputs, OwnerScope } from './owner.ts';
import { hasSignedIn, keepsPassword, type Owner, type OwnerMark, ROLE, seenBy } from './owner-mark.ts';

/** Settles a ban; Auth's word for it. */
const NO_BAN = 'none';

/** In what the account is not what the manifest wants of an owner. */
export function diff(scope: OwnerScope, actual: Owner): Difference[] {
  const { agency, inputs, clock } = scope;
  const owner = seenBy(agency.uid, actual);
  const { mark } = owner;
  const differences: Difference[] = [];
  if (mark?.uid !== agency.uid) differences.push({ path: 'mark', before: actual.mark?.uid ?? '', after: agency.uid });
  if (mark?.role !== ROLE) differences.push({ path: 'role', before: mark?.role ?? '', after: ROLE });
  if (!owner.confirmed) differences.push({ path: 'confirmed', before: 'no', after: 'yes' });
  if (isBanned(owner, clock)) differences.push({ path: 'banned', before: owner.bannedUntil ?? '', after: 'no' });
  return [...differences, ...passwordDifference(scope, owner), ...emailDifference(inputs, owner)];
}

function isBanned({ bannedUntil }: Owner, clock: Clock): boolean {
  return bannedUntil !== undefined && Date.parse(bannedUntil) > clock.now();
}

/** A new first password would lock out an owner who has chosen one already: then it is refused. */
function passwordDifference({ agency, inputs: { generation } }: OwnerScope, owner: Owner): Difference[] {
  if (keepsPassword(owner)) return [{ path: 'own password', before: 'in use', after: 'kept, and none is mailed' }];
  const has = owner.mark?.generation ?? '0';
  if (Number(has) >= Number(generation)) return [];
  const path = 'first password';
  const values = { before: `generation ${has}`, after: `generation ${generation}` };
  if (!hasSignedIn(owner)) return [{ path, ...values }];
  const before = `${values.before}; the owner has signed in since`;
  return [{ path, ...values, before, immutable: true, remedy: theirs(agency.slug) }];
}

function theirs(slug: string): string {
  return (
    'The password is the owner’s now: “forgot password” in the app gives them another one. ' +
    `\`npm run provision -- mail resend ${slug}\` takes a wish back that was recorded before they signed in.`
  );
}

/** Only an address that we set and nobody used since is ours to change. */
function emailDifference({ email }: OwnerInputs, owner: Owner): Difference[] {
  const wished = email.toLowerCase();
  if (owner.email === wished) return [];
  const untouched = owner.mark?.email?.toLowerCase() === owner.email && !hasSignedIn(owner);
  if (untouched) return [{ path: 'email', before: owner.email, after: wished }];
  const after = `the owner signs in as ${owner.email}, and the manifest says ${wished}: theirs to change`;
  return [{ path: 'email', before: owner.email, after, reportOnly: true }];
}

/** What to send to Auth so that none of `differences` remains: one request, so it is done as a whole or not at all. */
export function changesOf(scope: OwnerScope, actual: Owner, differences: readonly Difference[]) {
  const owner = seenBy(scope.agency.uid, actual);
  const changes = new Set(differences.map(({ path }) => path));
  const moved = changes.has('email');
  const password = passwordFor(scope, owner, changes);
  return {
    app_metadata: { provisioner: markFor(scope, owner, changes) },
    ...(password && { password: password.reveal() }),
    ...(moved && { email: scope.inputs.email }),
    ...(changes.has('confirmed') || moved ? { email_confirm: true } : {}),
    ...(changes.has('banned') && { ban_duration: NO_BAN }),
  };
}

/** Whoever got the mail at the former address holds a password: it goes with the address, and nobody has the new one. */
function passwordFor({ agency, inputs, keyring }: OwnerScope, { mark }: Owner, changes: ReadonlySet<string>) {
  if (changes.has('first password')) return inputs.password;
  const isOut = changes.has('email') && mark?.welcome !== undefined;
  return isOut ? keyring.password(`owner-void:${agency.uid}:${inputs.email}`) : undefined;
}

function markFor(scope: OwnerScope, { mark }: Owner, changes: ReadonlySet<string>): OwnerMark {
  const { agency, inputs } = scope;
  const { email, generation } = inputs;
  return {
    ...mark,
    uid: agency.uid,
    role: ROLE,
    ...(changes.has('first password') && { generation }),
    ...(changes.has('email') || mark?.email === undefined ? { email } : {}),
    ...(changes.has('email') && mark?.welcome && { welcome: { ...mark.welcome, to: '' } }),
    ...(changes.has('own password') && { generation, welcome: handedOver(scope) }),
  };
}

/** With a password of their own the owner needs none from us, and no mail. */
function handedOver({ agency, inputs: { generation }, clock }: OwnerScope): WelcomeMark {
  return { generation, at: timestamp(clock.now()), id: notNeeded(agency.uid, generation) };
}
