import type { Found, Identity, Kind, Scope } from '../../engine/kind.ts';
import type { Secret } from '../../lib/secret.ts';
import { conflict, hasCode } from '../failure.ts';
import type { Instance, Instances } from './instance.ts';
import { asFound, deleteOwner, listOwners, readOwner, updateOwner } from './owner-api.ts';
import { changesOf, diff } from './owner-diff.ts';
import { type Owner, ROLE } from './owner-mark.ts';

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

export type OwnerScope = Scope<OwnerInputs>;

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
    remember: ({ inputs }, { actual: { mark } }) => ({
      ref: inputs.ref,
      ...(mark?.email !== undefined && { email: mark.email }),
      ...(mark?.generation !== undefined && { generation: mark.generation }),
    }),
  };
}

async function identify(instance: Instance, scope: OwnerScope): Promise<Identity<Owner>> {
  const id = recordedId(scope);
  if (id === undefined) return search(await listOwners(instance), scope);
  const found = await readOwner(instance, id);
  if (!found) return { state: 'vanished', id, because: `the owner ${id} is gone from Auth` };
  if (found.actual.mark?.uid === scope.agency.uid || scope.adopt === id) return { state: 'found', ...found };
  return { state: 'vanished', id, because: `the user ${id} does not carry the mark of this agency (any more)` };
}

/** An id is one database's own: that of an owner in a database which is gone means nobody in the one that followed. */
function recordedId({ recorded, inputs }: OwnerScope): string | undefined {
  return recorded?.ref === undefined || recorded.ref === inputs.ref ? recorded?.id : undefined;
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
