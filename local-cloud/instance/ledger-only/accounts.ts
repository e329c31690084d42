import { createHash, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { checkedEmail, metadata, optional, readBody } from '../auth/body.ts';
import { AuthError, assertEmailEnabled, emailExists, invalid, userNotFound } from '../auth/errors.ts';
import { mergeMetadata } from '../auth/users.ts';
import type { InstanceOptions } from '../instance.ts';
import { signJwt } from '../jwt.ts';

/** One account; times are ISO 8601 in vendor time. */
export interface Account {
  readonly id: string;
  readonly email: string;
  readonly passwordDigest: string;
  readonly appMetadata: Record<string, unknown>;
  readonly userMetadata: Record<string, unknown>;
  readonly confirmedAt: string | undefined;
  readonly lastSignInAt: string | undefined;
  readonly createdAt: string;
}

const attributes = z.object({
  email: optional(z.string()),
  password: optional(z.string()),
  email_confirm: optional(z.boolean()),
  user_metadata: optional(metadata),
  app_metadata: optional(metadata),
});

/** The accounts of one instance, and the sessions that are open. */
export class Accounts {
  readonly #accounts = new Map<string, Account>();
  readonly #sessions = new Set<string>();
  readonly #options: InstanceOptions;

  constructor(options: InstanceOptions) {
    this.#options = options;
  }

  all(): Account[] {
    return [...this.#accounts.values()];
  }

  find(id: string): Account {
    const account = this.#accounts.get(id);
    if (!account) throw userNotFound();
    return account;
  }

  async create(request: Request): Promise<Account> {
    const wanted = await readBody(request, attributes);
    const email = checkedEmail(wanted.email);
    if (this.#byEmail(email)) throw emailExists();
    return this.#keep({
      id: randomUUID(),
      email,
      passwordDigest: digestOf(wanted.password ?? randomUUID()),
      appMetadata: mergeMetadata({ provider: 'email', providers: ['email'] }, wanted.app_metadata ?? {}),
      userMetadata: wanted.user_metadata ?? {},
      confirmedAt: wanted.email_confirm ? this.#now() : undefined,
      lastSignInAt: undefined,
      createdAt: this.#now(),
    });
  }

  async change(id: string, request: Request): Promise<Account> {
    const wanted = await readBody(request, attributes);
    const account = this.find(id);
    return this.#keep({
      ...account,
      ...(wanted.email !== undefined && { email: checkedEmail(wanted.email) }),
      ...(wanted.password !== undefined && { passwordDigest: digestOf(wanted.password) }),
      ...(wanted.email_confirm && { confirmedAt: account.confirmedAt ?? this.#now() }),
      appMetadata: mergeMetadata(account.appMetadata, wanted.app_metadata ?? {}),
      userMetadata: mergeMetadata(account.userMetadata, wanted.user_metadata ?? {}),
    });
  }

  /** POST /token?grant_type=password. Passwords are kept as plain SHA-256: bcrypt is slow on purpose. */
  async signIn(request: Request): Promise<Record<string, unknown>> {
    const { email, password } = await readBody(request, attributes);
    if (email === undefined) throw invalid('missing email or phone');
    assertEmailEnabled(this.#options.auth(), 'logins');
    const account = this.#byEmail(email.toLowerCase());
    if (!account || account.passwordDigest !== digestOf(password ?? '')) {
      throw new AuthError(400, 'invalid_credentials', 'Invalid login credentials');
    }
    if (account.confirmedAt === undefined) throw new AuthError(400, 'email_not_confirmed', 'Email not confirmed');
    return this.#openSession(this.#keep({ ...account, lastSignInAt: this.#now() }));
  }

  /** POST /logout: whatever the scope, the session of the token ends. */
  signOut(session: unknown): void {
    if (this.#sessions.delete(String(session))) return;
    throw new AuthError(403, 'session_not_found', 'Session from session_id claim in JWT does not exist');
  }

  async #openSession(account: Account): Promise<Record<string, unknown>> {
    const session = randomUUID();
    this.#sessions.add(session);
    const issued = Math.floor(this.#options.clock.now() / 1000);
    const lifetime = this.#options.auth().jwt_exp;
    const claims = { sub: account.id, role: 'authenticated', session_id: session, iat: issued, exp: issued + lifetime };
    return {
      access_token: await signJwt(claims, this.#options.keys.jwtSecret),
      token_type: 'bearer',
      expires_in: lifetime,
      expires_at: issued + lifetime,
      refresh_token: randomUUID(),
      user: shown(account),
    };
  }

  #byEmail(email: string): Account | undefined {
    return this.all().find((account) => account.email === email);
  }

  #keep(account: Account): Account {
    this.#accounts.set(account.id, account);
    return account;
  }

  #now(): string {
    return new Date(this.#options.clock.now()).toISOString();
  }
}

/** The account as the Auth API shows a user. */
export function shown(account: Account): Record<string, unknown> {
  const { confirmedAt, lastSignInAt } = account;
  return {
    id: account.id,
    aud: 'authenticated',
    role: 'authenticated',
    email: account.email,
    phone: '',
    ...(confirmedAt !== undefined && { email_confirmed_at: confirmedAt, confirmed_at: confirmedAt }),
    ...(lastSignInAt !== undefined && { last_sign_in_at: lastSignInAt }),
    app_metadata: account.appMetadata,
    user_metadata: account.userMetadata,
    identities: [],
    created_at: account.createdAt,
    updated_at: account.createdAt,
    is_anonymous: false,
  };
}

function digestOf(password: string): string {
  return createHash('sha256').update(password).digest('hex');
}
