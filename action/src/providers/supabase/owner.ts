import type { Difference, Found, Identity, Kind, Scope } from '../../engine/kind.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Secret } from '../../lib/secret.ts';
import { conflict, hasCode } from '../failure.ts';
import type { Instance, Instances } from './instance.ts';
import { asFound, deleteOwner, listOwners, readOwner, updateOwner } from './owner-api.ts';
import { hasSignedIn, type Owner, type OwnerMark } from './owner-mark.ts';

export interface OwnerInputs {
  readonly ref: string;
  readonly url: string;
  readonly secretKey: Secret;
  readonly email: string;
  readonly name: string;
  /** The first one; the owner is asked to change it. */
  readonly password: Secret;
  /** Counts first passwords, from 1; a higher one than the owner has sets `password` anew. */
  readonly generation: string;
}

export { readOwner, updateOwner } from './owner-api.ts';

type OwnerScope = Scope<OwnerInputs>;
const ROLE = 'owner';
/** Settles a ban; Auth's word for it. */
const NO_BAN = 'none';

/**
 * The agency's owner, an account in its own instance. Ours is who carries our uid in `app_metadata`; a stranger with
 * the same address is not. Mail and password are the owner's to change: reported, never repaired.
 * https://supabase.com/docs/reference/javascript/admin-api
 */
export function supabaseOwner(instances: Instances): Kind<OwnerInputs, Owner> {
  const instanceOf = ({ inputs }: OwnerScope) => instances(inputs.url, inputs.secretKey);
  return {
    name: 'supabase.owner',
    holdsData: true,
    settlesWithinMs: 10_000,
    stableOutputs: ['userId'],
    identify: (scope) => identify(instanceOf(scope), scope),
    read: (scope, id) => readOwner(instanceOf(scope), id),
    diff,
    create: (scope) => create(instanceOf(scope), scope),
    update: async (scope, found, differences) => {
      const attributes = changesOf(scope, found.actual, differences);
      await updateOwner(instanceOf(scope), found.id, attributes);
    },
    delete: (scope, id) => deleteOwner(instanceOf(scope), id),
    outputs: (_, { id }) => ({ userId: id }),
    remember: (_, { actual }) => ({ ...(actual.mark?.email && { email: actual.mark.email }) }),
  };
}

async function identify(instance: Instance, scope: OwnerScope): Promise<Identity<Owner>> {
  const id = scope.recorded?.id;
  if (id === undefined) return search(await listOwners(instance), scope);
  const found = await readOwner(instance, id);
  if (!found) return { state: 'vanished', id, because: `the owner ${id} is gone from Auth` };
  if (found.actual.mark?.uid === scope.agency.uid || scope.adopt === id) return { state: 'found', ...found };
  return { state: 'vanished', id, because: `the user ${id} does not carry the mark of this agency (any more)` };
}

function search(owners: readonly Owner[], { agency, inputs, adopt }: OwnerScope): Identity<Owner> {
  const found = (actual: Owner) => ({ id: actual.id, actual });
  const [first, ...others] = owners.filter(({ mark }) => mark?.uid === agency.uid);
  if (first && others.length > 0) {
    const because = `${others.length + 1} users carry the mark of this agency`;
    return { state: 'foreign', found: [first, ...others].map(found), because };
  }
  if (first) return { state: 'found', ...found(first) };
  const strangers = owners.filter(({ id, email }) => id === adopt || email === inputs.email.toLowerCase());
  if (strangers.length === 0 && adopt === undefined) return { state: 'absent' };
  if (strangers.length === 0) return { state: 'foreign', found: [], because: `there is no user ${adopt} to adopt` };
  const because = `a user that was not made here has the address ${inputs.email}`;
  return { state: 'foreign', found: strangers.map(found), because };
}

async function create(instance: Instance, { agency, inputs }: OwnerScope): Promise<Found<Owner> | undefined> {
  const { email, name, password, generation } = inputs;
  try {
    const { user } = await instance.call('create owner', ({ auth }) =>
      auth.admin.createUser({
        email,
        password: password.reveal(),
        email_confirm: true,
        user_metadata: { full_name: name },
        app_metadata: { provisioner: { uid: agency.uid, role: ROLE, generation, email } },
      }),
    );
    return user ? asFound(user) : undefined;
  } catch (thrown) {
    throw hasCode(thrown, 'email_exists', 'user_already_exists') ? conflict(thrown) : thrown;
  }
}

function diff(scope: OwnerScope, owner: Owner): Difference[] {
  const { agency, inputs, clock } = scope;
  const { mark } = owner;
  const differences: Difference[] = [];
  if (mark?.uid !== agency.uid) differences.push({ path: 'mark', before: mark?.uid ?? '', after: agency.uid });
  if (mark?.role !== ROLE) differences.push({ path: 'role', before: mark?.role ?? '', after: ROLE });
  if (!owner.confirmed) differences.push({ path: 'confirmed', before: 'no', after: 'yes' });
  if (isBanned(owner, clock)) differences.push({ path: 'banned', before: owner.bannedUntil ?? '', after: 'no' });
  return [...differences, ...passwordDifference(inputs, owner), ...emailDifference(inputs, owner)];
}

function isBanned({ bannedUntil }: Owner, clock: Clock): boolean {
  return bannedUntil !== undefined && Date.parse(bannedUntil) > clock.now();
}

/** A new first password would lock out an owner who has chosen one already: then it is refused. */
function passwordDifference({ generation }: OwnerInputs, owner: Owner): Difference[] {
  const has = owner.mark?.generation ?? '0';
  if (Number(has) >= Number(generation)) return [];
  const path = 'first password';
  const values = { before: `generation ${has}`, after: `generation ${generation}` };
  if (!hasSignedIn(owner)) return [{ path, ...values }];
  return [{ path, ...values, before: `${values.before}; the owner has signed in since`, immutable: true }];
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

function changesOf({ agency, inputs }: OwnerScope, owner: Owner, differences: readonly Difference[]) {
  const { email, password, generation } = inputs;
  const changes = new Set(differences.map(({ path }) => path));
  const anew = changes.has('first password');
  const moved = changes.has('email');
  const provisioner: OwnerMark = {
    ...owner.mark,
    uid: agency.uid,
    role: ROLE,
    ...(anew && { generation }),
    ...(moved || owner.mark?.email === undefined ? { email } : {}),
  };
  return {
    app_metadata: { provisioner },
    ...(anew && { password: password.reveal() }),
    ...(moved && { email }),
    ...(changes.has('confirmed') || moved ? { email_confirm: true } : {}),
    ...(changes.has('banned') && { ban_duration: NO_BAN }),
  };
}
