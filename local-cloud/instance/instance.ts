import { join } from 'node:path';
import type { VendorClock } from '../service.ts';
import type { AuthContext } from './auth/context.ts';
import { authService } from './auth/service.ts';
import { allowOrigins, preflight } from './cors.ts';
import { type Database, openDatabase, type QueryOptions, type QueryResult } from './database.ts';
import { admit, type Caller } from './gateway.ts';
import { restService } from './rest/service.ts';
import { ensureTemplate, stampTemplate } from './template.ts';
import { createWire } from './wire.ts';

export type { QueryResult } from './database.ts';

export interface InstanceKeys {
  readonly publishable: string;
  readonly secret: string;
  readonly jwtSecret: string;
  readonly anonJwt: string;
  readonly serviceRoleJwt: string;
}

/** What the instance's services read of the project's auth config, by the vendor's names. */
export interface AuthSettings {
  readonly site_url: string;
  /** Comma-separated; `*` matches within a path segment or host label, `**` everything. */
  readonly uri_allow_list: string;
  readonly disable_signup: boolean;
  /** Whether an address and its password open anything; they do unless told. */
  readonly external_email_enabled?: boolean;
  readonly password_min_length: number;
  /** Lifetime of access tokens in seconds. */
  readonly jwt_exp: number;
  readonly mailer_autoconfirm?: boolean;
  readonly mailer_secure_email_change_enabled?: boolean;
  /** Lifetime of one-time links in seconds. */
  readonly mailer_otp_exp?: number;
}

export interface InstanceOptions {
  readonly ref: string;
  /** The folder of this project; its database lives in `postgres` below it. */
  readonly dir: string;
  readonly keys: InstanceKeys;
  readonly auth: () => AuthSettings;
  readonly clock: VendorClock;
  /** Public base URL of this instance, without a trailing slash. */
  readonly url: () => string;
  /** Where the database template is kept; `.cache/local-cloud` of the project unless told. */
  readonly cacheDir?: string;
  /** bcrypt's cost for new passwords; 10 like the vendor unless told. */
  readonly passwordCost?: number;
}

export interface Instance {
  query(sql: string, options?: QueryOptions): Promise<QueryResult>;
  /** `/auth/v1/*` and `/rest/v1/*`, the path being the one below the instance's own URL. */
  fetch(request: Request): Promise<Response>;
  users(): Promise<{ id: string; email: string }[]>;
  /** Starts the PostgreSQL wire protocol on a loopback port and returns its URL; the same one when called again. */
  postgresUrl(): Promise<string>;
  close(): Promise<void>;
}

/** Opens one project's data plane; stamps its database from the template when there is none yet. */
export async function openInstance(options: InstanceOptions): Promise<Instance> {
  const dir = join(options.dir, 'postgres');
  await stampTemplate(await ensureTemplate(options.cacheDir), dir);
  const database = await openDatabase(dir);
  const wire = createWire(database);
  return {
    query: (sql, queryOptions) => database.query(sql, queryOptions),
    fetch: (request) => serve({ ...options, database }, request),
    users: () => listUsers(database),
    postgresUrl: () => wire.url(),
    async close() {
      await wire.close();
      await database.close();
    },
  };
}

async function serve(context: AuthContext, request: Request): Promise<Response> {
  const preflighted = preflight(request);
  if (preflighted !== undefined) return preflighted;
  const caller = await admit(request, context.keys, context.clock.now());
  return allowOrigins(caller instanceof Response ? caller : await route(context, request, caller));
}

async function route(context: AuthContext, request: Request, caller: Caller): Promise<Response> {
  const url = new URL(request.url);
  if (url.pathname.startsWith('/auth/v1/')) return authService(context, { request, url, caller });
  if (url.pathname.startsWith('/rest/v1/')) return restService(context.database, caller, request, url);
  return Response.json({ message: `${request.method} ${url.pathname} is not emulated` }, { status: 501 });
}

async function listUsers(database: Database): Promise<{ id: string; email: string }[]> {
  const sql = "select id::text, coalesce(email, '') as email from auth.users order by created_at, id";
  const rows = await database.transaction('supabase_auth_admin', (run) => run(sql));
  return rows.map((row) => ({ id: String(row.id), email: String(row.email) }));
}
