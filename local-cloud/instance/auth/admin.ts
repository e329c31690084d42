import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Run } from '../database.ts';
import { checkedEmail, metadata, optional, readBody } from './body.ts';
import { type AuthContext, type Call, inAuth, timestamp } from './context.ts';
import { confirmUser, insertUser, orDatabaseError, reload } from './create.ts';
import { emailExists, invalid, userNotFound } from './errors.ts';
import { checkStrength, hashPassword } from './passwords.ts';
import { findByEmail, findById, mergeMetadata, selectUsers, showUser, type User, updateUser } from './users.ts';

const attributes = z.object({
  id: optional(z.string()),
  email: optional(z.string()),
  password: optional(z.string()),
  password_hash: optional(z.string()),
  email_confirm: optional(z.boolean()),
  role: optional(z.string()),
  user_metadata: optional(metadata),
  app_metadata: optional(metadata),
  ban_duration: optional(z.string()),
});
type Attributes = z.infer<typeof attributes>;

/** POST /admin/users: 200 and the user. The password policy is not applied here, as at the vendor. */
export async function createUser(context: AuthContext, call: Call): Promise<Response> {
  const wanted = await readBody(call.request, attributes);
  if (!wanted.email) throw invalid('Cannot create a user without either an email or phone');
  const email = checkedEmail(wanted.email);
  if (wanted.id !== undefined) checkedId(wanted.id, 'ID must conform to the uuid v4 format');
  const bannedUntil = banEnd(context, wanted.ban_duration);
  const encryptedPassword = await passwordOf(context, wanted);
  const create = inAuth(context, async (run) => {
    if ((await findByEmail(run, email)) !== undefined) throw emailExists();
    const user = await insertUser(context, run, {
      ...wanted,
      email,
      encryptedPassword,
      userMetadata: wanted.user_metadata,
    });
    await applyRest(context, run, user, wanted, bannedUntil);
    return reload(run, user.user.id);
  });
  return Response.json(showUser(await orDatabaseError('Database error creating new user', create)));
}

async function passwordOf(context: AuthContext, wanted: Attributes): Promise<string> {
  if (wanted.password && wanted.password_hash) {
    throw invalid('Only a password or a password hash should be provided');
  }
  if (wanted.password_hash) return wanted.password_hash;
  return hashPassword(context, wanted.password || randomBytes(32).toString('hex'));
}

/** What the vendor writes after the insert, each by an update of its own. */
async function applyRest(
  context: AuthContext,
  run: Run,
  user: User,
  wanted: Attributes,
  bannedUntil: string | null | undefined,
) {
  const { id } = user.user;
  const at = timestamp(context);
  if (wanted.role) await updateUser(run, id, { role: wanted.role }, at);
  if (wanted.app_metadata) {
    const merged = mergeMetadata(user.user.raw_app_meta_data, wanted.app_metadata);
    await updateUser(run, id, { raw_app_meta_data: merged }, at);
  }
  if (wanted.email_confirm) await confirmUser(context, run, await reload(run, id));
  if (bannedUntil !== undefined) await updateUser(run, id, { banned_until: bannedUntil }, at);
}

/** GET /admin/users: newest first; `filter` is a substring of the address or full name. */
export async function listUsers(context: AuthContext, call: Call): Promise<Response> {
  const page = pageNumber(call.url, 'page', 1);
  const perPage = pageNumber(call.url, 'per_page', 50);
  const filter = call.url.searchParams.get('filter') ?? '';
  const where = `($1 = '' or u.email like '%' || $1 || '%' or u.raw_user_meta_data ->> 'full_name' ilike '%' || $1 || '%')`;
  return inAuth(context, async (run) => {
    const [counted] = await run(`select count(*) as total from auth.users u where ${where}`, [filter]);
    const users = await selectPage(run, where, filter, perPage, page);
    const headers = pageHeaders(call.url, Number(counted?.total), page, perPage);
    return Response.json({ users: users.map(showUser), aud: 'authenticated' }, { headers });
  });
}

function selectPage(run: Run, where: string, filter: string, perPage: number, page: number): Promise<User[]> {
  const tail = 'order by u.created_at desc, u.id limit $2 offset $3';
  return selectUsers(run, where, [filter, perPage, (page - 1) * perPage], tail);
}

function pageNumber(url: URL, name: string, fallback: number): number {
  const text = url.searchParams.get(name);
  if (text === null || text === '') return fallback;
  if (!/^\d+$/.test(text))
    throw invalid(`Bad Pagination Parameters: strconv.ParseUint: parsing "${text}": invalid syntax`);
  return Number(text) || fallback;
}

function pageHeaders(url: URL, total: number, page: number, perPage: number): Headers {
  const last = Math.max(1, Math.ceil(total / perPage));
  const link = (to: number, rel: string) => {
    const target = new URLSearchParams(url.searchParams);
    target.set('page', String(to));
    return `<${url.pathname}?${target}>; rel="${rel}"`;
  };
  const links = [...(page < last ? [link(page + 1, 'next')] : []), link(last, 'last')];
  return new Headers({ 'x-total-count': String(total), link: links.join(', ') });
}

/** GET /admin/users/{id}. */
export async function getUser(context: AuthContext, id: string): Promise<Response> {
  return Response.json(showUser(await inAuth(context, (run) => existing(run, id))));
}

/** PUT /admin/users/{id}: only what is given changes; metadata is merged. */
export async function changeUser(context: AuthContext, call: Call, id: string): Promise<Response> {
  const wanted = await readBody(call.request, attributes);
  const email = wanted.email ? checkedEmail(wanted.email) : undefined;
  if (wanted.password !== undefined) checkStrength(context, wanted.password);
  const encrypted = wanted.password === undefined ? undefined : await hashPassword(context, wanted.password);
  const bannedUntil = banEnd(context, wanted.ban_duration);
  const change = inAuth(context, async (run) => {
    const user = await existing(run, id);
    await changeCredentials(context, run, user, email, encrypted);
    if (wanted.user_metadata) await changeUserMetadata(context, run, user, wanted.user_metadata);
    await applyRest(context, run, user, wanted, bannedUntil);
    return reload(run, id);
  });
  return Response.json(showUser(await orDatabaseError('Error updating user', change)));
}

async function changeCredentials(context: AuthContext, run: Run, user: User, email?: string, encrypted?: string) {
  const { id } = user.user;
  const at = timestamp(context);
  if (encrypted !== undefined) {
    await updateUser(run, id, { encrypted_password: encrypted }, at);
    await run('delete from auth.sessions where user_id = $1', [id]);
  }
  if (email === undefined || email === user.user.email) return;
  if ((await findByEmail(run, email)) !== undefined) throw emailExists();
  await setEmail(run, id, email, at);
}

/** The address and the identity that carries it. */
export async function setEmail(run: Run, id: string, email: string, at: string): Promise<void> {
  await updateUser(run, id, { email }, at);
  await run(
    `update auth.identities set identity_data = identity_data || jsonb_build_object('email', $2::text), updated_at = $3
     where user_id = $1 and provider = 'email'`,
    [id, email, at],
  );
}

export async function changeUserMetadata(context: AuthContext, run: Run, user: User, changes: Record<string, unknown>) {
  const merged = mergeMetadata(user.user.raw_user_meta_data, changes);
  await updateUser(run, user.user.id, { raw_user_meta_data: merged }, timestamp(context));
}

const deletion = z.object({ should_soft_delete: optional(z.boolean()) });

/** DELETE /admin/users/{id}: answers `{}`. */
export async function deleteUser(context: AuthContext, call: Call, id: string): Promise<Response> {
  const { should_soft_delete: soft } = await readBody(call.request, deletion);
  if (soft) throw invalid('Soft deletion is not emulated');
  const remove = inAuth(context, async (run) => {
    await existing(run, id);
    await run('delete from auth.users where id = $1', [id]);
  });
  await orDatabaseError('Database error deleting user', remove);
  return Response.json({});
}

async function existing(run: Run, id: string): Promise<User> {
  const user = await findById(run, checkedId(id, 'user_id must be an UUID'));
  if (user === undefined) throw userNotFound();
  return user;
}

function checkedId(id: string, message: string): string {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) throw invalid(message);
  return id;
}

const unitMs: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** The end of a ban given as a Go duration such as `24h`, null for `none`, undefined when nothing is asked. */
function banEnd(context: AuthContext, duration: string | undefined): string | null | undefined {
  if (!duration) return undefined;
  if (duration === 'none') return null;
  const parts = [...duration.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  if (parts.map(([part]) => part).join('') !== duration) {
    throw invalid(`invalid format for ban duration: time: invalid duration "${duration}"`);
  }
  const ms = parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (unitMs[unit ?? ''] ?? 0), 0);
  return new Date(context.clock.now() + ms).toISOString();
}
