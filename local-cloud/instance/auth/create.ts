import { randomUUID } from 'node:crypto';
import type { Run } from '../database.ts';
import { isSqlError } from '../sql-error.ts';
import { type AuthContext, timestamp } from './context.ts';
import { AuthError, unexpected } from './errors.ts';
import { findById, mergeMetadata, type User, updateUser } from './users.ts';

export interface NewUser {
  readonly id?: string | undefined;
  readonly email: string;
  /** bcrypt; empty for a user who has no password yet. */
  readonly encryptedPassword: string;
  readonly userMetadata?: Record<string, unknown> | undefined;
}

const emailProvider = { provider: 'email', providers: ['email'] };

/**
 * Inserts user and identity. As at the vendor, the row is born with the role empty, unconfirmed and with nothing but
 * the provider in its app metadata: a trigger on insert sees no more, the rest arrives by updates.
 */
export async function insertUser(context: AuthContext, run: Run, user: NewUser): Promise<User> {
  const id = user.id ?? randomUUID();
  const at = timestamp(context);
  await run(
    `insert into auth.users (instance_id, id, aud, role, email, encrypted_password, confirmation_token, recovery_token,
       email_change_token_new, email_change, raw_app_meta_data, raw_user_meta_data, created_at, updated_at)
     values ('00000000-0000-0000-0000-000000000000', $1, 'authenticated', '', $2, $3, '', '', '', '', $4, $5, $6, $6)`,
    [id, user.email, user.encryptedPassword, emailProvider, user.userMetadata ?? {}, at],
  );
  await insertIdentity(run, id, user.email, at);
  await updateUser(run, id, { role: 'authenticated' }, at);
  return reload(run, id);
}

async function insertIdentity(run: Run, userId: string, email: string, at: string): Promise<void> {
  const data = { sub: userId, email, email_verified: false, phone_verified: false };
  await run(
    `insert into auth.identities
       (id, provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at)
     values ($1, $2, $3, $4, 'email', $5, $5, $5)`,
    [randomUUID(), userId, userId, data, at],
  );
}

/** Marks the address as the user's own. */
export async function confirmUser(context: AuthContext, run: Run, user: User): Promise<void> {
  const at = timestamp(context);
  await updateUser(run, user.user.id, { confirmation_token: '', email_confirmed_at: at }, at);
  const verified = mergeMetadata(user.user.raw_user_meta_data, { email_verified: true });
  await updateUser(run, user.user.id, { raw_user_meta_data: verified }, at);
  await run('delete from auth.one_time_tokens where user_id = $1', [user.user.id]);
}

export async function reload(run: Run, id: string): Promise<User> {
  const user = await findById(run, id);
  if (user === undefined) throw unexpected('Database error loading user');
  return user;
}

/** Says of a database error no more than the vendor does, e.g. when a trigger on `auth.users` raises. */
export async function orDatabaseError<T>(message: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof AuthError || !isSqlError(error)) throw error;
    throw new AuthError(500, 'unexpected_failure', message);
  }
}
