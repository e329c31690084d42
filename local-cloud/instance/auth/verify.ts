import { z } from 'zod';
import type { Run } from '../database.ts';
import { setEmail } from './admin.ts';
import { checkedEmail, optional, readBody } from './body.ts';
import { type AuthContext, type Call, inAuth, timestamp } from './context.ts';
import { confirmUser, orDatabaseError, reload } from './create.ts';
import { AuthError, invalid } from './errors.ts';
import { type FoundToken, findToken, hashOf, isSecureEmailChange, type TokenKind } from './one-time-tokens.ts';
import { allowedRedirect } from './redirects.ts';
import { isBanned, openSession } from './sessions.ts';
import { updateUser } from './users.ts';

const kindsOf: Record<string, TokenKind[]> = {
  signup: ['confirmation_token'],
  invite: ['confirmation_token'],
  recovery: ['recovery_token'],
  magiclink: ['recovery_token'],
  email: ['confirmation_token', 'recovery_token'],
  email_change: ['email_change_token_new', 'email_change_token_current'],
};
const halfDone = 'Confirmation link accepted. Please proceed to confirm link sent to the other email';

const verification = z.object({
  type: optional(z.string()),
  token: optional(z.string()),
  token_hash: optional(z.string()),
  email: optional(z.string()),
});

/** POST /verify: by `token_hash`, or by `token` (the code) and `email`. Answers with the session's tokens. */
export async function verify(context: AuthContext, call: Call): Promise<Response> {
  const body = await readBody(call.request, verification);
  const byHash = body.token_hash !== undefined;
  if (!byHash && !body.token) throw invalid('Verify requires either a token or a token hash');
  const hash = body.token_hash ?? hashOf(checkedEmail(body.email), body.token ?? '');
  const tokens = await redeem(context, body.type ?? '', hash);
  return Response.json(tokens ?? { msg: halfDone, code: '200' });
}

/** GET /verify: what a click on the mailed link does. Leads on to the app with the tokens, or the error, behind `#`. */
export async function verifyLink(context: AuthContext, call: Call): Promise<Response> {
  const { searchParams } = call.url;
  const type = searchParams.get('type') ?? '';
  const target = allowedRedirect(context.auth(), searchParams.get('redirect_to') ?? undefined);
  try {
    const tokens = await redeem(context, type, searchParams.get('token') ?? '');
    return leadTo(target, tokens === undefined ? { message: halfDone } : { ...linkTokens(tokens), type });
  } catch (error) {
    if (!(error instanceof AuthError)) throw error;
    return leadTo(target, {
      error: error.status === 403 ? 'access_denied' : 'server_error',
      error_code: error.errorCode,
      error_description: error.message,
    });
  }
}

function leadTo(target: string, fragment: Record<string, string>): Response {
  return new Response(null, { status: 303, headers: { location: `${target}#${new URLSearchParams(fragment)}` } });
}

function linkTokens(tokens: Record<string, unknown>): Record<string, string> {
  const names = ['access_token', 'expires_at', 'expires_in', 'refresh_token', 'token_type'];
  return Object.fromEntries(names.map((name) => [name, String(tokens[name])]));
}

async function redeem(context: AuthContext, type: string, hash: string): Promise<Record<string, unknown> | undefined> {
  const kinds = kindsOf[type];
  if (kinds === undefined) throw invalid('Verify requires a verification type');
  const done = inAuth(context, async (run) => {
    const found = await findToken(context, run, hash, kinds);
    const { user } = found;
    if (isBanned(context, user)) throw new AuthError(403, 'user_banned', 'User is banned');
    if (type === 'email_change' && !(await agreeToEmailChange(context, run, found))) return undefined;
    await spend(context, run, found);
    return openSession(context, run, await reload(run, user.user.id), 'otp');
  });
  return orDatabaseError('Error confirming user', done);
}

async function spend(context: AuthContext, run: Run, { user }: FoundToken): Promise<void> {
  const { id } = user.user;
  if (user.user.email_confirmed_at === null) return confirmUser(context, run, user);
  await updateUser(run, id, { recovery_token: '', confirmation_token: '' }, timestamp(context));
  await run('delete from auth.one_time_tokens where user_id = $1', [id]);
}

/** True when both addresses have agreed, or one suffices; the new address is then the user's. */
async function agreeToEmailChange(context: AuthContext, run: Run, { user, kind }: FoundToken): Promise<boolean> {
  const { id, email_change: email, email_change_confirm_status: agreed } = user.user;
  const at = timestamp(context);
  if (isSecureEmailChange(context) && agreed === 0) {
    await updateUser(run, id, { email_change_confirm_status: 1, [kind]: '' }, at);
    await run('delete from auth.one_time_tokens where user_id = $1 and token_type::text = $2', [id, kind]);
    return false;
  }
  const cleared = {
    email_change: '',
    email_change_token_new: '',
    email_change_token_current: '',
    email_change_confirm_status: 0,
  };
  await updateUser(run, id, cleared, at);
  await setEmail(run, id, email ?? '', at);
  return true;
}
