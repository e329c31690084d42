import { randomBytes, randomUUID } from 'node:crypto';
import type { Run } from '../database.ts';
import { signJwt } from '../jwt.ts';
import { type AuthContext, timestamp } from './context.ts';
import { reload } from './create.ts';
import { AuthError } from './errors.ts';
import { showUser, type User, updateUser } from './users.ts';

/** How the user proved who they are, as it stands in the token's `amr`. */
export type Method = 'password' | 'otp' | 'token_refresh';

/** A refresh token used twice within this time gives the same session again: the client may have lost the answer. */
const reuseMs = 10_000;

/** Opens a session and answers with its tokens; counts as a sign-in. */
export async function openSession(context: AuthContext, run: Run, user: User, method: Method) {
  const at = timestamp(context);
  const session = randomUUID();
  await updateUser(run, user.user.id, { last_sign_in_at: at }, at);
  await run("insert into auth.sessions (id, user_id, created_at, updated_at, aal) values ($1, $2, $3, $3, 'aal1')", [
    session,
    user.user.id,
    at,
  ]);
  const refreshToken = await insertRefreshToken(run, user.user.id, session, at, null);
  return tokens(context, await reload(run, user.user.id), session, refreshToken, method);
}

export type Refreshed = { ok: true; tokens: Record<string, unknown> } | { ok: false; error: AuthError };

/**
 * Swaps a refresh token for a new one. A refusal is a value, not an exception, because it may have to commit that the
 * whole session is revoked.
 */
export async function refreshSession(context: AuthContext, run: Run, token: string): Promise<Refreshed> {
  const [row] = await run(
    'select user_id, session_id::text, revoked, updated_at from auth.refresh_tokens where token = $1',
    [token],
  );
  if (row === undefined) return { ok: false, error: notFound() };
  const session = String(row.session_id);
  const user = await reload(run, String(row.user_id));
  if (isBanned(context, user))
    return { ok: false, error: new AuthError(400, 'user_banned', 'Invalid Refresh Token: User Banned') };
  const at = timestamp(context);
  if (row.revoked !== true) {
    await run('update auth.refresh_tokens set revoked = true, updated_at = $2 where token = $1', [token, at]);
    const next = await insertRefreshToken(run, user.user.id, session, at, token);
    return { ok: true, tokens: await tokens(context, user, session, next, 'token_refresh') };
  }
  return reuse(context, run, { token, session, user, revokedAt: Date.parse(String(row.updated_at)) });
}

interface Reuse {
  readonly token: string;
  readonly session: string;
  readonly user: User;
  readonly revokedAt: number;
}

async function reuse(context: AuthContext, run: Run, { token, session, user, revokedAt }: Reuse): Promise<Refreshed> {
  const [child] = await run('select token from auth.refresh_tokens where parent = $1 and not revoked', [token]);
  if (child !== undefined && context.clock.now() < revokedAt + reuseMs) {
    return { ok: true, tokens: await tokens(context, user, session, String(child.token), 'token_refresh') };
  }
  await run('delete from auth.sessions where id = $1', [session]);
  return {
    ok: false,
    error: new AuthError(400, 'refresh_token_already_used', 'Invalid Refresh Token: Already Used'),
  };
}

const notFound = (): AuthError =>
  new AuthError(400, 'refresh_token_not_found', 'Invalid Refresh Token: Refresh Token Not Found');

export function isBanned(context: AuthContext, user: User): boolean {
  return user.user.banned_until !== null && Date.parse(user.user.banned_until) > context.clock.now();
}

async function insertRefreshToken(run: Run, userId: string, session: string, at: string, parent: string | null) {
  const token = randomBytes(9).toString('base64url');
  await run(
    `insert into auth.refresh_tokens (token, user_id, revoked, created_at, updated_at, parent, session_id)
     values ($1, $2, false, $3, $3, $4, $5)`,
    [token, userId, at, parent, session],
  );
  return token;
}

async function tokens(context: AuthContext, user: User, session: string, refreshToken: string, method: Method) {
  const issued = Math.floor(context.clock.now() / 1000);
  const lifetime = context.auth().jwt_exp;
  const shown = showUser(user);
  const claims = {
    iss: `${context.url()}/auth/v1`,
    sub: user.user.id,
    aud: 'authenticated',
    exp: issued + lifetime,
    iat: issued,
    email: shown.email,
    phone: shown.phone,
    app_metadata: shown.app_metadata,
    user_metadata: shown.user_metadata,
    role: shown.role,
    aal: 'aal1',
    amr: [{ method, timestamp: issued }],
    session_id: session,
    is_anonymous: false,
  };
  return {
    access_token: await signJwt(claims, context.keys.jwtSecret),
    token_type: 'bearer',
    expires_in: lifetime,
    expires_at: issued + lifetime,
    refresh_token: refreshToken,
    user: shown,
  };
}
