import * as z from 'zod';
import type { Secret } from '../lib/secret.ts';
import type { OwnerMark } from './supabase/owner-mark.ts';

const welcomeShape = z.object({
  generation: z.string(),
  at: z.string(),
  /**
   * Whom it went to, and empty once the password in it was made void. Plain, as `email` beside it: a keyed fingerprint
   * could not be read any more once PROVISIONER_SECRET was rotated.
   */
  to: z.string().optional(),
  id: z.string().optional(),
});

/** How far the welcome mail came: begun when it is there, sent when it has an id. Kept in the owner's mark. */
export type WelcomeMark = z.output<typeof welcomeShape>;

/** `undefined` when no mail was ever begun. */
export function welcomeOf(mark: OwnerMark | undefined): WelcomeMark | undefined {
  return welcomeShape.safeParse(mark?.welcome).data;
}

const SENT = 'sent:';
const KEPT = 'kept:';

/** In place of the id of a mail that is known to have been sent, where its id is not known. */
export function sentUnseen(uid: string, generation: string): string {
  return `${SENT}${uid}-${generation}`;
}

/** In place of the id of a mail that is not needed: the owner has a password of their own. */
export function notNeeded(uid: string, generation: string): string {
  return `${KEPT}${uid}-${generation}`;
}

/** Whether it is an id that Resend gave to a mail. */
export function isMailId(id: string): boolean {
  return !id.startsWith(SENT) && !id.startsWith(KEPT);
}

/** What the fingerprint of a first password is made of; the label keeps equal passwords of two owners apart. */
export function passwordLabel(uid: string, generation: string, password: Secret): string {
  return `accepted:${uid}:${generation}:${password.reveal()}`;
}

/** The fingerprint of the password that acceptance signed in with, if it ever did. */
export function acceptedPassword(mark: OwnerMark | undefined): string | undefined {
  const accepted = mark?.accepted;
  return typeof accepted === 'string' ? accepted : undefined;
}
