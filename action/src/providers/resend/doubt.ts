import { foreignText } from '../foreign-text.ts';
import { type WelcomeMark, welcomeOf } from '../handover.ts';
import { hasSignedIn, type Owner } from '../supabase/owner-mark.ts';
import type { WelcomeInputs, WelcomeScope } from './welcome.ts';

/** How long Resend knows an idempotency key: https://resend.com/docs/dashboard/emails/idempotency-keys */
const KEY_LIVES_MS = 24 * 60 * 60_000;

export interface Doubt {
  readonly because: string;
  readonly remedy: string;
}

/** Why nobody can say that the owner has a password that works, although a mail was begun; nothing is mailed then. */
export function doubtAbout({ agency, inputs, clock }: WelcomeScope, owner: Owner | undefined): Doubt | undefined {
  const welcome = welcomeOf(owner?.mark);
  if (!owner || hasSignedIn(owner)) return undefined;
  const wished = Number(inputs.generation);
  const mailed = welcome?.id === undefined ? 0 : Number(welcome.generation);
  const begun = Number(welcome?.generation ?? 0);
  const latest = Math.max(begun, Number(owner.mark?.generation ?? 0));
  if (latest > wished && mailed < latest) return behind(agency.slug, latest, inputs.generation);
  if (!welcome || begun < wished) return undefined;
  if (welcome.to !== undefined && welcome.to !== recipient(inputs)) return elsewhere(agency.slug);
  const isOld = clock.now() - Date.parse(welcome.at) >= KEY_LIVES_MS;
  return welcome.id === undefined && isOld ? unheard(agency.slug, welcome) : undefined;
}

/** As the mark keeps it. */
export function recipient({ email }: WelcomeInputs): string {
  return email.toLowerCase();
}

function behind(slug: string, latest: number, wished: string): Doubt {
  const because = `the owner’s first password is of generation ${latest}, status knows of ${wished}, and it may not have been mailed`;
  return { because, remedy: resendWith(slug) };
}

function elsewhere(slug: string): Doubt {
  const because = 'the welcome mail went to another address than the manifest names, and nobody has signed in yet';
  return { because, remedy: resendWith(slug) };
}

function unheard(slug: string, { at }: WelcomeMark): Doubt {
  const because = `the welcome mail was begun at ${foreignText(at, 40)} and nobody knows whether it was sent`;
  return { because, remedy: `Ask the owner whether it came. ${resendWith(slug)}` };
}

function resendWith(slug: string): string {
  return `\`npm run provision -- mail resend ${slug}\` sends another one, with a new password.`;
}
