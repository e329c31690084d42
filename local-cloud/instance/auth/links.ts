import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Run } from '../database.ts';
import { checkedEmail, metadata, optional, readBody } from './body.ts';
import { type AuthContext, type Call, inAuth, timestamp } from './context.ts';
import { insertUser, orDatabaseError, reload } from './create.ts';
import { AuthError, emailExists, invalid } from './errors.ts';
import { type IssuedToken, isSecureEmailChange, issueToken } from './one-time-tokens.ts';
import { checkStrength, hashPassword } from './passwords.ts';
import { allowedRedirect } from './redirects.ts';
import { findByEmail, showUser, type User, updateUser } from './users.ts';

const linkRequest = z.object({
  type: optional(z.string()),
  email: optional(z.string()),
  new_email: optional(z.string()),
  password: optional(z.string()),
  data: optional(metadata),
  redirect_to: optional(z.string()),
});
type LinkRequest = z.infer<typeof linkRequest>;

interface Made {
  readonly user: User;
  readonly token: IssuedToken;
}
/** `password` is hashed already. */
interface Wish {
  readonly email: string;
  readonly newEmail?: string | undefined;
  readonly password: string;
  readonly data?: Record<string, unknown> | undefined;
}
type Maker = (context: AuthContext, run: Run, user: User | undefined, wish: Wish) => Promise<Made>;

/** POST /admin/generate_link: the link that a mail would carry; no mail is sent. */
export async function generateLink(context: AuthContext, call: Call): Promise<Response> {
  const body = await readBody(call.request, linkRequest);
  const email = checkedEmail(body.email);
  const known = await inAuth(context, (run) => findByEmail(run, email));
  const type = body.type === 'magiclink' && known === undefined ? 'signup' : (body.type ?? '');
  const make = makers[type];
  if (make === undefined) throw invalid(`Invalid email action link type requested: ${type}`);
  const newEmail = type.startsWith('email_change') ? checkedEmail(body.new_email) : undefined;
  const password = type === 'signup' && known === undefined ? await signupPassword(context, body) : '';
  const link = inAuth(context, async (run) => {
    const made = await make(context, run, await findByEmail(run, email), {
      email,
      newEmail,
      password,
      data: body.data,
    });
    return { user: await reload(run, made.user.user.id), token: made.token };
  });
  const { user, token } = await orDatabaseError('Database error saving new user', link);
  const redirect = allowedRedirect(context.auth(), call.url.searchParams.get('redirect_to') ?? body.redirect_to);
  return Response.json({ ...showUser(user), ...shownLink(context, type, token, redirect) });
}

function shownLink(context: AuthContext, type: string, token: IssuedToken, redirect: string) {
  const verification = type.startsWith('email_change') ? 'email_change' : type;
  const query = new URLSearchParams({ token: token.hash, type: verification, redirect_to: redirect });
  return {
    action_link: `${context.url()}/auth/v1/verify?${query}`,
    email_otp: token.otp,
    hashed_token: token.hash,
    verification_type: type,
    redirect_to: redirect,
  };
}

async function signupPassword(context: AuthContext, body: LinkRequest): Promise<string> {
  if (body.type === 'magiclink') return hashPassword(context, randomBytes(32).toString('hex'));
  if (!body.password) throw invalid('Signup requires a valid password');
  checkStrength(context, body.password);
  return hashPassword(context, body.password);
}

const makers: Record<string, Maker> = {
  signup: async (context, run, user, wish) => {
    refuseConfirmed(user);
    const person = user ?? (await insertUser(context, run, newcomer(wish)));
    return { user: person, token: await issueToken(context, run, person, 'confirmation_token', wish.email) };
  },
  invite: async (context, run, user, wish) => {
    refuseConfirmed(user);
    const person = user ?? (await insertUser(context, run, newcomer(wish)));
    const token = await issueToken(context, run, person, 'confirmation_token', wish.email);
    const at = timestamp(context);
    await updateUser(run, person.user.id, { invited_at: at }, at);
    return { user: person, token };
  },
  magiclink: recover,
  recovery: recover,
  email_change_current: async (context, run, user, wish) => {
    if (!isSecureEmailChange(context)) throw invalid('Enable secure email change to generate link for current email');
    const person = await startEmailChange(context, run, user, wish);
    return { user: person, token: await issueToken(context, run, person, 'email_change_token_current', wish.email) };
  },
  email_change_new: async (context, run, user, wish) => {
    const person = await startEmailChange(context, run, user, wish);
    return {
      user: person,
      token: await issueToken(context, run, person, 'email_change_token_new', wish.newEmail ?? ''),
    };
  },
};

async function recover(context: AuthContext, run: Run, user: User | undefined, wish: Wish): Promise<Made> {
  const person = known(user);
  return { user: person, token: await issueToken(context, run, person, 'recovery_token', wish.email) };
}

async function startEmailChange(context: AuthContext, run: Run, user: User | undefined, wish: Wish): Promise<User> {
  const person = known(user);
  if ((await findByEmail(run, wish.newEmail ?? '')) !== undefined) throw emailExists();
  const changes = { email_change: wish.newEmail, email_change_confirm_status: 0 };
  await updateUser(run, person.user.id, changes, timestamp(context));
  return person;
}

function newcomer({ email, password, data }: Wish) {
  return { email, encryptedPassword: password, userMetadata: data };
}

function known(user: User | undefined): User {
  if (user === undefined) throw new AuthError(404, 'user_not_found', 'User with this email not found');
  return user;
}

function refuseConfirmed(user: User | undefined): void {
  if (user !== undefined && user.user.email_confirmed_at !== null) throw emailExists();
}
