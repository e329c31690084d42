import * as z from 'zod';
import type { Secret } from '../../lib/secret.ts';
import { hasCode } from '../failure.ts';
import type { Http } from '../http.ts';
import type { Instances } from '../supabase/instance.ts';
import { literal, readSql } from '../supabase/sql.ts';
import { notAccepted, readable } from './refusal.ts';

/** The role that `migrations/agency` gives the owner's profile in public.users. */
const ADMIN = 'admin';

/**
 * What the Data API says where the schema is not ours: no such table, no such column, nothing granted to the owner.
 * https://docs.postgrest.org/en/stable/references/errors.html
 */
const NO_PROFILES = ['PGRST205', '42703', '42501'];

const PROFILE = 'the owner’s profile';
const profiles = z.array(z.object({ role: z.string().nullish() }));

export interface SignIn {
  readonly instances: Instances;
  readonly url: string;
  readonly publishableKey: string;
  readonly userId: string;
  readonly email: string;
  readonly password: Secret;
}

/** Signs in as the owner will, sees the owner's own profile as the app would, and ends that session. */
export async function assertSignsIn(about: SignIn): Promise<void> {
  const { instances, url, publishableKey, userId, email, password } = about;
  let seen: unknown;
  try {
    seen = await instances(url, publishableKey).call('sign in as the owner', async (client) => {
      const session = await client.auth.signInWithPassword({ email, password: password.reveal() });
      if (session.error) return { data: null, error: session.error };
      const profile = await client.from('users').select('role').eq('id', userId);
      const { error } = await client.auth.signOut({ scope: 'local' });
      return { data: profile.data, error: profile.error ?? error };
    });
  } catch (thrown) {
    if (hasCode(thrown, 'invalid_credentials')) throw cannotSignIn(thrown);
    throw hasCode(thrown, ...NO_PROFILES) ? withoutProfile(thrown) : thrown;
  }
  assertAdmin(readable(profiles, seen, PROFILE));
}

function cannotSignIn(cause: unknown): Error {
  return notAccepted(
    'supabase',
    'the owner cannot sign in with the first password',
    'Was PROVISIONER_SECRET changed since the owner was made? `npm run provision -- mail resend <slug>` sets a new first password.',
    cause,
  );
}

function withoutProfile(cause?: unknown): Error {
  return notAccepted(
    'supabase',
    'the owner has no profile in public.users',
    `${LOOK} What a schema of your own needs for that stands in migrations/agency/README.md.`,
    cause,
  );
}

const LOOK = 'Look at the migrations: a trigger on auth.users makes the profile and takes the role from app_metadata.';

function assertAdmin([profile]: z.output<typeof profiles>): void {
  if (profile?.role === ADMIN) return;
  throw profile ? notAccepted('supabase', 'the owner is not an admin in public.users', LOOK) : withoutProfile();
}

/** The same from outside, where the password is the owner's own: the profile is looked up, and nobody signs in. */
export async function assertIsAdmin(management: Http, ref: string, userId: string): Promise<void> {
  const query = `select u.role from public.users u where u.id::text = ${literal(userId)}`;
  assertAdmin(readable(profiles, await readSql(management, ref, query), PROFILE));
}

/** Auth answers, knows the owner, and tells a wrong password from every other trouble. */
export async function assertRefusesWrongPassword(about: SignIn): Promise<void> {
  const { instances, url, publishableKey, email, password } = about;
  try {
    await instances(url, publishableKey).call('try a wrong password', (client) =>
      client.auth.signInWithPassword({ email, password: password.reveal() }),
    );
  } catch (thrown) {
    if (hasCode(thrown, 'invalid_credentials')) return;
    throw thrown;
  }
  throw notAccepted(
    'supabase',
    'the instance lets the owner in with a wrong password',
    'Do not hand this instance over; look at the hooks of its Auth configuration.',
  );
}
