import { z } from 'zod';
import type { Row, Run } from '../database.ts';

const time = z.string().nullable();
const json = z.record(z.string(), z.unknown());

const userRow = z.object({
  id: z.string(),
  aud: z.string().nullable(),
  role: z.string().nullable(),
  email: z.string().nullable(),
  encrypted_password: z.string().nullable(),
  email_confirmed_at: time,
  invited_at: time,
  confirmation_sent_at: time,
  recovery_sent_at: time,
  email_change_sent_at: time,
  last_sign_in_at: time,
  confirmed_at: time,
  created_at: time,
  updated_at: time,
  banned_until: time,
  deleted_at: time,
  phone: z.string().nullable(),
  email_change: z.string().nullable(),
  email_change_token_new: z.string().nullable(),
  email_change_token_current: z.string().nullable(),
  email_change_confirm_status: z.number().nullable(),
  raw_app_meta_data: json.nullable(),
  raw_user_meta_data: json.nullable(),
  is_anonymous: z.boolean(),
});
const identityRow = z.object({
  id: z.string(),
  user_id: z.string(),
  provider_id: z.string(),
  identity_data: json,
  provider: z.string(),
  last_sign_in_at: time,
  created_at: time,
  updated_at: time,
  email: z.string().nullable(),
});
const found = z.object({ user: userRow, identities: z.array(identityRow) });

export type User = z.infer<typeof found>;

/** `where` names columns of `u`; `tail` is order, limit and offset. */
export async function selectUsers(run: Run, where: string, values: unknown[], tail = ''): Promise<User[]> {
  const sql = `select to_jsonb(u) as user, coalesce((
      select jsonb_agg(to_jsonb(i) order by i.created_at) from auth.identities i where i.user_id = u.id
    ), '[]') as identities from auth.users u where ${where} ${tail}`;
  return (await run(sql, values)).map((row: Row) => found.parse(row));
}

export async function findById(run: Run, id: string): Promise<User | undefined> {
  return (await selectUsers(run, 'u.id = $1', [id]))[0];
}

export async function findByEmail(run: Run, email: string): Promise<User | undefined> {
  return (await selectUsers(run, 'lower(u.email) = $1 and not u.is_sso_user', [email.toLowerCase()]))[0];
}

/** Sets columns of one user. The names come from our own code, never from a request. */
export async function updateUser(run: Run, id: string, changes: Record<string, unknown>, at: string): Promise<void> {
  const entries = Object.entries({ ...changes, updated_at: at });
  const assignments = entries.map(([column], index) => `${column} = $${index + 2}`);
  await run(`update auth.users set ${assignments.join(', ')} where id = $1`, [
    id,
    ...entries.map(([, value]) => value),
  ]);
}

/** Keys set to null go, others are replaced, the rest stays. */
export function mergeMetadata(current: Record<string, unknown> | null, changes: Record<string, unknown>) {
  const merged = Object.entries({ ...current, ...changes }).filter(([, value]) => value !== null);
  return Object.fromEntries(merged);
}

/** The user as the API shows it: no hash, no token, absent times left out. */
export function showUser({ user, identities }: User): Record<string, unknown> {
  return {
    id: user.id,
    aud: user.aud ?? '',
    role: user.role ?? '',
    email: user.email ?? '',
    ...shownTimes(user),
    phone: user.phone ?? '',
    ...(user.email_change ? { new_email: user.email_change } : {}),
    app_metadata: user.raw_app_meta_data ?? {},
    user_metadata: user.raw_user_meta_data ?? {},
    identities: identities.map(showIdentity),
    created_at: zulu(user.created_at),
    updated_at: zulu(user.updated_at),
    is_anonymous: user.is_anonymous,
  };
}

const optionalTimes = [
  'email_confirmed_at',
  'invited_at',
  'confirmation_sent_at',
  'confirmed_at',
  'recovery_sent_at',
  'email_change_sent_at',
  'last_sign_in_at',
  'banned_until',
  'deleted_at',
] as const;

function shownTimes(user: User['user']): Record<string, unknown> {
  const present = optionalTimes.filter((name) => user[name] !== null);
  return Object.fromEntries(present.map((name) => [name, zulu(user[name])]));
}

function showIdentity(identity: z.infer<typeof identityRow>): Record<string, unknown> {
  const { id, provider_id, created_at, updated_at, last_sign_in_at, ...rest } = identity;
  const times = { last_sign_in_at: zulu(last_sign_in_at), created_at: zulu(created_at), updated_at: zulu(updated_at) };
  return { identity_id: id, id: provider_id, ...rest, ...times };
}

function zulu(time: string | null): string | null {
  return time?.replace(/\+00(:00)?$/, 'Z') ?? null;
}
