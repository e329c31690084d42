import { createHash, randomInt } from 'node:crypto';
import type { Run } from '../database.ts';
import { type AuthContext, timestamp } from './context.ts';
import { AuthError } from './errors.ts';
import { findById, type User, updateUser } from './users.ts';

/** Column of `auth.users` and kind in `auth.one_time_tokens`. */
export type TokenKind =
  | 'confirmation_token'
  | 'recovery_token'
  | 'email_change_token_new'
  | 'email_change_token_current';

const sentColumn: Record<TokenKind, string> = {
  confirmation_token: 'confirmation_sent_at',
  recovery_token: 'recovery_sent_at',
  email_change_token_new: 'email_change_sent_at',
  email_change_token_current: 'email_change_sent_at',
};
const vendorsLifetimeSeconds = 3600;

export interface IssuedToken {
  readonly otp: string;
  readonly hash: string;
}

/** Makes a six-digit code and stores its hash; an older one of the same kind stops working. */
export async function issueToken(
  context: AuthContext,
  run: Run,
  user: User,
  kind: TokenKind,
  relatesTo: string,
): Promise<IssuedToken> {
  const otp = String(randomInt(1_000_000)).padStart(6, '0');
  const hash = hashOf(relatesTo, otp);
  const at = timestamp(context);
  await updateUser(run, user.user.id, { [kind]: hash, [sentColumn[kind]]: at }, at);
  await run(
    `insert into auth.one_time_tokens (user_id, token_type, token_hash, relates_to, created_at, updated_at)
     values ($1, $2, $3, $4, $5, $5)
     on conflict (user_id, token_type) do update
       set token_hash = excluded.token_hash, relates_to = excluded.relates_to, created_at = excluded.created_at`,
    [user.user.id, kind, hash, relatesTo, at],
  );
  return { otp, hash };
}

/** What stands in a link: SHA-224 of address and code, so that the code itself is not stored. */
export function hashOf(email: string, otp: string): string {
  return createHash('sha224')
    .update(email.toLowerCase() + otp)
    .digest('hex');
}

/** Notes the wished address; with secure email change the old one has to agree too. */
export async function askForEmailChange(context: AuthContext, run: Run, user: User, email: string): Promise<void> {
  const at = timestamp(context);
  await updateUser(run, user.user.id, { email_change: email, email_change_confirm_status: 0 }, at);
  await issueToken(context, run, user, 'email_change_token_new', email);
  if (!isSecureEmailChange(context)) return;
  await issueToken(context, run, user, 'email_change_token_current', user.user.email ?? '');
}

/** The vendor's default is on. */
export function isSecureEmailChange(context: AuthContext): boolean {
  return context.auth().mailer_secure_email_change_enabled !== false;
}

export interface FoundToken {
  readonly user: User;
  readonly kind: string;
}

/** The user whose token of one of these kinds has this hash, or the vendor's refusal. */
export async function findToken(context: AuthContext, run: Run, hash: string, kinds: TokenKind[]): Promise<FoundToken> {
  const [row] = await run(
    'select user_id, token_type::text as kind, created_at::timestamptz as at from auth.one_time_tokens where token_hash = $1',
    [hash],
  );
  const kind = kinds.find((known) => known === row?.kind);
  const user = row === undefined ? undefined : await findById(run, String(row.user_id));
  if (kind === undefined || user === undefined || isExpired(context, String(row?.at))) throw refusal();
  return { user, kind };
}

function isExpired(context: AuthContext, issuedAt: string): boolean {
  const seconds = context.auth().mailer_otp_exp ?? vendorsLifetimeSeconds;
  return Date.parse(issuedAt) + seconds * 1000 < context.clock.now();
}

const refusal = (): AuthError => new AuthError(403, 'otp_expired', 'Email link is invalid or has expired');
