import type { User } from '@supabase/supabase-js';
import * as z from 'zod';

const markShape = z.looseObject({
  uid: z.string(),
  role: z.string().optional(),
  generation: z.string().optional(),
  email: z.string().optional(),
  acceptedAt: z.string().optional(),
  welcome: z.looseObject({}).optional(),
});

/** The role of an owner's mark; the agency's schema makes an admin of who carries it. */
export const ROLE = 'owner';

/**
 * What we keep about an owner in `app_metadata.provisioner`, which servers with a secret key write and users cannot.
 * Whoever changes one field sends all of them: Auth replaces the value of the key as a whole.
 */
export type OwnerMark = z.infer<typeof markShape>;

/** An owner as the kinds see one. */
export interface Owner {
  readonly id: string;
  readonly email: string;
  readonly confirmed: boolean;
  readonly bannedUntil?: string;
  readonly lastSignInAt?: string;
  /** Absent: the user is not ours. */
  readonly mark?: OwnerMark;
}

/** `mark` is absent where app_metadata holds none or one that is not ours to understand. */
export function ownerOf(user: User): Owner {
  const { data: mark } = markShape.safeParse(user.app_metadata.provisioner);
  return {
    id: user.id,
    email: user.email ?? '',
    confirmed: Boolean(user.email_confirmed_at),
    ...(user.banned_until && { bannedUntil: user.banned_until }),
    ...(user.last_sign_in_at && { lastSignInAt: user.last_sign_in_at }),
    ...(mark && { mark }),
  };
}

/**
 * Whether somebody else has ever signed in. Ours does not count: acceptance writes the time of its own sign-in into
 * `acceptedAt`, and before a mail was begun nobody but us knows the password that we set. One that we did not set is
 * somebody's own.
 */
export function hasSignedIn({ mark, lastSignInAt }: Owner): boolean {
  if (lastSignInAt === undefined) return false;
  if (mark?.generation === undefined) return true;
  if (mark.welcome === undefined) return false;
  return mark.acceptedAt === undefined || Date.parse(lastSignInAt) > Date.parse(mark.acceptedAt);
}

/** Whether the account was somebody's, with a password in use, before we had anything to do with it. */
export function keepsPassword(owner: Owner): boolean {
  return owner.mark?.generation === undefined && hasSignedIn(owner);
}

/** The owner as an agency sees them: what another one wrote into the mark does not count. */
export function seenBy(uid: string, owner: Owner): Owner {
  if (owner.mark === undefined || owner.mark.uid === uid) return owner;
  const { mark: _, ...unmarked } = owner;
  return unmarked;
}
