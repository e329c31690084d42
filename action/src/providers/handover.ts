import * as z from 'zod';
import type { Secret } from '../lib/secret.ts';
import type { OwnerMark } from './supabase/owner-mark.ts';

const welcomeShape = z.object({
  generation: z.string(),
  payloadDigest: z.string(),
  at: z.string(),
  id: z.string().optional(),
});

/** How far the welcome mail came: begun when it is there, sent when it has an id. Kept in the owner's mark. */
export type WelcomeMark = z.output<typeof welcomeShape>;

/** `undefined` when no mail was ever begun. */
export function welcomeOf(mark: OwnerMark | undefined): WelcomeMark | undefined {
  return welcomeShape.safeParse(mark?.welcome).data;
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
