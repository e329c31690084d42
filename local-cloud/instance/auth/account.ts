import { z } from 'zod';
import type { Run } from '../database.ts';
import { changeUserMetadata } from './admin.ts';
import { checkedEmail, metadata, optional, readBody } from './body.ts';
import { type AuthContext, type Call, inAuth, timestamp } from './context.ts';
import { confirmUser, insertUser, orDatabaseError, reload } from './create.ts';
import { AuthError, assertEmailEnabled, emailExists, invalid } from './errors.ts';
import { askForEmailChange, issueToken } from './one-time-tokens.ts';
import { checkStrength, hashPassword, passwordMatches } from './passwords.ts';
import { isBanned, openSession, refreshSession } from './sessions.ts';
import { findByEmail, findById, showUser, type User, updateUser } from './users.ts';

const credentials = z.object({ email: optional(z.string()), password: optional(z.string()), data: optional(metadata) });

/** POST /token?grant_type=password: the session's tokens. */
export async function signIn(context: AuthContext, call: Call): Promise<Response> {
  const { email, password } = await readBody(call.request, credentials);
  if (!email) throw invalid('missing email or phone');
  assertEmailEnabled(context.auth(), 'logins');
  const user = await inAuth(context, (run) => findByEmail(run, email));
  if (user === undefined || !(await passwordMatches(password ?? '', user.user.encrypted_password))) {
    throw new AuthError(400, 'invalid_credentials', 'Invalid login credentials');
  }
  if (isBanned(context, user)) throw new AuthError(400, 'user_banned', 'User is banned');
  if (user.user.email_confirmed_at === null) throw new AuthError(400, 'email_not_confirmed', 'Email not confirmed');
  const open = inAuth(context, (run) => openSession(context, run, user, 'password'));
  return Response.json(await orDatabaseError('Database error granting user', open));
}

/** POST /token?grant_type=refresh_token: new tokens of the same session. */
export async function refresh(context: AuthContext, call: Call): Promise<Response> {
  const body = await readBody(call.request, z.object({ refresh_token: optional(z.string()) }));
  const token = body.refresh_token;
  if (!token) throw invalid('refresh_token required');
  const refreshed = await inAuth(context, (run) => refreshSession(context, run, token));
  if (!refreshed.ok) throw refreshed.error;
  return Response.json(refreshed.tokens);
}

/** POST /signup: tokens where addresses need no confirmation, else the unconfirmed user. */
export async function signUp(context: AuthContext, call: Call): Promise<Response> {
  const settings = context.auth();
  if (settings.disable_signup) throw new AuthError(422, 'signup_disabled', 'Signups not allowed for this instance');
  const body = await readBody(call.request, credentials);
  assertEmailEnabled(settings, 'signups');
  const email = checkedEmail(body.email);
  if (!body.password) throw invalid('Signup requires a valid password');
  checkStrength(context, body.password);
  const encryptedPassword = await hashPassword(context, body.password);
  const create = inAuth(context, async (run) => {
    if ((await findByEmail(run, email)) !== undefined)
      throw new AuthError(422, 'user_already_exists', 'User already registered');
    const user = await insertUser(context, run, { email, encryptedPassword, userMetadata: body.data });
    if (settings.mailer_autoconfirm !== true) return awaitConfirmation(context, run, user);
    await confirmUser(context, run, user);
    return openSession(context, run, await reload(run, user.user.id), 'password');
  });
  return Response.json(await orDatabaseError('Database error saving new user', create));
}

async function awaitConfirmation(context: AuthContext, run: Run, user: User): Promise<Record<string, unknown>> {
  await issueToken(context, run, user, 'confirmation_token', user.user.email ?? '');
  return showUser(await reload(run, user.user.id));
}

export interface SignedIn {
  readonly user: User;
  readonly session: string;
}

/** The user and session behind the caller's JWT; a revoked session is refused although the token's time runs on. */
export async function signedIn(run: Run, call: Call): Promise<SignedIn> {
  if (call.caller.kind === 'bad-token') {
    const reason = call.caller.expired
      ? 'token has invalid claims: token is expired'
      : 'token signature is invalid: signature is invalid';
    throw new AuthError(403, 'bad_jwt', `invalid JWT: unable to parse or verify signature, ${reason}`);
  }
  const { sub, session_id: session } = call.caller.claims;
  if (typeof sub !== 'string') throw new AuthError(403, 'bad_jwt', 'invalid claim: missing sub claim');
  const user = await findById(run, sub);
  if (user === undefined) throw new AuthError(403, 'user_not_found', 'User from sub claim in JWT does not exist');
  const [open] = await run('select id from auth.sessions where id::text = $1', [String(session)]);
  if (open === undefined) {
    throw new AuthError(403, 'session_not_found', 'Session from session_id claim in JWT does not exist');
  }
  return { user, session: String(session) };
}

/** GET /user. */
export async function ownUser(context: AuthContext, call: Call): Promise<Response> {
  return Response.json(showUser((await inAuth(context, (run) => signedIn(run, call))).user));
}

const ownChanges = z.object({
  email: optional(z.string()),
  password: optional(z.string()),
  data: optional(metadata),
  app_metadata: optional(metadata),
});

/** PUT /user: password and user metadata change at once, a new address only after it is confirmed. */
export async function changeOwnUser(context: AuthContext, call: Call): Promise<Response> {
  const wanted = await readBody(call.request, ownChanges);
  const email = wanted.email ? checkedEmail(wanted.email) : undefined;
  if (wanted.password !== undefined) checkStrength(context, wanted.password);
  const before = await inAuth(context, (run) => signedIn(run, call));
  if (wanted.app_metadata) throw new AuthError(403, 'not_admin', 'Updating app_metadata requires admin privileges');
  const encrypted = await newPassword(context, before.user, wanted.password);
  const change = inAuth(context, async (run) => {
    const { user, session } = await signedIn(run, call);
    if (encrypted !== undefined) await storePassword(context, run, user, session, encrypted);
    if (wanted.data) await changeUserMetadata(context, run, user, wanted.data);
    if (email !== undefined && email !== user.user.email) await changeOwnEmail(context, run, user, email);
    return reload(run, user.user.id);
  });
  return Response.json(showUser(await orDatabaseError('Error updating user', change)));
}

async function newPassword(
  context: AuthContext,
  user: User,
  password: string | undefined,
): Promise<string | undefined> {
  if (password === undefined) return undefined;
  if (await passwordMatches(password, user.user.encrypted_password)) {
    throw new AuthError(422, 'same_password', 'New password should be different from the old password.');
  }
  return hashPassword(context, password);
}

/** Ends the user's other sessions and open links: whoever held them knew the old password. */
async function storePassword(context: AuthContext, run: Run, user: User, session: string, encrypted: string) {
  const { id } = user.user;
  const cleared = {
    confirmation_token: '',
    recovery_token: '',
    email_change_token_new: '',
    email_change_token_current: '',
  };
  await updateUser(run, id, { encrypted_password: encrypted, ...cleared }, timestamp(context));
  await run('delete from auth.one_time_tokens where user_id = $1', [id]);
  await run('delete from auth.sessions where user_id = $1 and id::text <> $2', [id, session]);
}

async function changeOwnEmail(context: AuthContext, run: Run, user: User, email: string): Promise<void> {
  if ((await findByEmail(run, email)) !== undefined) throw emailExists();
  await askForEmailChange(context, run, user, email);
}

const scopes = new Map([
  ['global', "user_id::text = $1 and $2 <> ''"],
  ['local', 'user_id::text = $1 and id::text = $2'],
  ['others', 'user_id::text = $1 and id::text <> $2'],
]);

/** POST /logout?scope=global|local|others: 204; the sessions' refresh tokens go with them. */
export async function signOut(context: AuthContext, call: Call): Promise<Response> {
  const where = scopes.get(call.url.searchParams.get('scope') ?? 'global');
  if (where === undefined) throw invalid('Unsupported logout scope');
  await inAuth(context, async (run) => {
    const { user, session } = await signedIn(run, call);
    await run(`delete from auth.sessions where ${where}`, [user.user.id, session]);
  });
  return new Response(null, { status: 204 });
}
