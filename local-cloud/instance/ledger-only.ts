import { mkdir } from 'node:fs/promises';
import { AuthError, errorResponse } from './auth/errors.ts';
import { allowOrigins } from './cors.ts';
import { admit, type Caller } from './gateway.ts';
import type { Instance, InstanceOptions } from './instance.ts';
import type { Claims } from './jwt.ts';
import { type Account, Accounts, shown } from './ledger-only/accounts.ts';
import { type LedgerDatabase, ledgerDatabase } from './ledger-only/ledger.ts';
import { RestError, restErrorResponse } from './rest/errors.ts';

interface Parts {
  readonly options: InstanceOptions;
  readonly database: LedgerDatabase;
  readonly accounts: Accounts;
}

/**
 * Data planes for scale runs and time measurements, where a real Postgres would take more of the machine than what is
 * measured. Each one is a few maps in memory that understand exactly what a provisioner asks of an instance: the ledger
 * of migrations (bodies are not run), the owner through the Auth admin API, a sign-in with its profile, and the refusal
 * of strangers. It proves nothing about SQL, policies or triggers: an owner's profile is simply said to be an admin's.
 * Everything else is answered 501, or 0A000 by the database, and there is no wire protocol. Instances live as long as
 * the opener does, also when they are closed and opened again; nothing survives the process.
 */
export function ledgerOnlyInstances(): (options: InstanceOptions) => Promise<Instance> {
  const known = new Map<string, Parts>();
  return async (options) => {
    // The folder is how a cloud remembers that an instance was ever used.
    await mkdir(options.dir, { recursive: true });
    const parts = known.get(options.ref) ?? { options, database: ledgerDatabase(), accounts: new Accounts(options) };
    known.set(options.ref, parts);
    return instanceOf(parts);
  };
}

function instanceOf(parts: Parts): Instance {
  return {
    query: async (sql, options) => parts.database.query(sql, options),
    fetch: (request) => serve(parts, request),
    users: async () => parts.accounts.all().map(({ id, email }) => ({ id, email })),
    postgresUrl: async () => {
      throw new Error('An instance that is a ledger only has no Postgres to connect to.');
    },
    close: async () => undefined,
  };
}

async function serve(parts: Parts, request: Request): Promise<Response> {
  const { keys, clock } = parts.options;
  const caller = await admit(request, keys, clock.now());
  if (caller instanceof Response) return allowOrigins(caller);
  try {
    return allowOrigins(await route(parts, request, caller));
  } catch (error) {
    if (error instanceof AuthError) return allowOrigins(errorResponse(error, request));
    throw error;
  }
}

async function route(parts: Parts, request: Request, caller: Caller): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  const claims = caller.kind === 'token' ? caller.claims : {};
  const table = /^\/rest\/v1\/(\w+)$/.exec(pathname)?.[1];
  if (request.method === 'GET' && table !== undefined) return readTable(parts, table, claims, searchParams);
  if (pathname.startsWith('/auth/v1/admin/users')) return administer(parts.accounts, request, claims.role);
  if (request.method === 'POST' && pathname === '/auth/v1/token' && searchParams.get('grant_type') === 'password') {
    return Response.json(await parts.accounts.signIn(request));
  }
  if (request.method === 'POST' && pathname === '/auth/v1/logout') {
    parts.accounts.signOut(claims.session_id);
    return new Response(null, { status: 204 });
  }
  return notUnderstood(request);
}

/** An owner sees the own profile and nothing else; strangers see nothing at all. */
function readTable({ accounts, database }: Parts, table: string, claims: Claims, asked: URLSearchParams): Response {
  if (!database.tables.has(table)) {
    const message = `Could not find the table 'public.${table}' in the schema cache`;
    return restErrorResponse(new RestError(404, 'PGRST205', message));
  }
  if (claims.role !== 'authenticated') {
    const status = claims.role === 'service_role' ? 403 : 401;
    return restErrorResponse(new RestError(status, '42501', `permission denied for table ${table}`));
  }
  const isOwn = table === 'users' && asked.get('id') === `eq.${String(claims.sub)}`;
  const own = isOwn ? accounts.all().filter(({ id }) => id === claims.sub) : [];
  return Response.json(own.map(() => ({ role: 'admin' })));
}

async function administer(accounts: Accounts, request: Request, role: unknown): Promise<Response> {
  if (role !== 'service_role') throw new AuthError(403, 'not_admin', 'User not allowed');
  const [, id] = /^\/auth\/v1\/admin\/users\/([0-9a-f-]{36})$/.exec(new URL(request.url).pathname) ?? [];
  const one = (account: Account) => Response.json(shown(account));
  switch (`${request.method} ${id === undefined ? 'users' : 'user'}`) {
    case 'GET users':
      return list(accounts);
    case 'POST users':
      return one(await accounts.create(request));
    case 'GET user':
      return one(accounts.find(id ?? ''));
    case 'PUT user':
      return one(await accounts.change(id ?? '', request));
    default:
      return notUnderstood(request);
  }
}

/** All on one page: an instance of this sort has one owner, and hardly anybody else. */
function list(accounts: Accounts): Response {
  const users = accounts.all().map(shown);
  const headers = { 'x-total-count': String(users.length), link: '</admin/users?page=1>; rel="last"' };
  return Response.json({ users, aud: 'authenticated' }, { headers });
}

function notUnderstood(request: Request): Response {
  const message = `${request.method} ${new URL(request.url).pathname} is not understood by a ledger-only instance`;
  return Response.json({ message }, { status: 501 });
}
