import type { AdminUserAttributes, User } from '@supabase/supabase-js';
import type { Found } from '../../engine/kind.ts';
import { hasStatus } from '../failure.ts';
import type { Instance } from './instance.ts';
import { type Owner, ownerOf } from './owner-mark.ts';

/** One user by id; `undefined` when there is none. */
export async function readOwner(instance: Instance, id: string): Promise<Found<Owner> | undefined> {
  try {
    const { user } = await instance.call('read owner', ({ auth }) => auth.admin.getUserById(id));
    return user ? asFound(user) : undefined;
  } catch (thrown) {
    if (hasStatus(thrown, 404)) return undefined;
    throw thrown;
  }
}

/** Sets what is named and leaves the rest. */
export async function updateOwner(instance: Instance, id: string, attributes: AdminUserAttributes): Promise<void> {
  await instance.call('update owner', ({ auth }) => auth.admin.updateUserById(id, attributes));
}

const PAGE = 200;

/** Every user, to the end by our own count: supabase-js reads only the first digit of the next page's number. */
export async function listOwners(instance: Instance): Promise<Owner[]> {
  const owners: Owner[] = [];
  for (let page = 1; ; page += 1) {
    const { users, total } = await instance.call('list users', ({ auth }) =>
      auth.admin.listUsers({ page, perPage: PAGE }),
    );
    owners.push(...users.map(ownerOf));
    if (users.length === 0 || owners.length === total) return owners;
  }
}

/** Already gone is success. */
export async function deleteOwner(instance: Instance, id: string): Promise<void> {
  try {
    await instance.call('delete owner', ({ auth }) => auth.admin.deleteUser(id));
  } catch (thrown) {
    if (!hasStatus(thrown, 404)) throw thrown;
  }
}

/** A user as the kinds see one. */
export function asFound(user: User): Found<Owner> {
  const actual = ownerOf(user);
  return { id: actual.id, actual };
}
