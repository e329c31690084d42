import type { PGlite } from '@electric-sql/pglite';
import { createMutex, type Mutex, type Release } from './mutex.ts';
import { openPostgres } from './postgres.ts';
import { changesSessionUser, insufficientPrivilege, sessionRefusal } from './session-guard.ts';
import { isSqlError, printSqlError } from './sql-error.ts';

export type Row = Record<string, unknown>;

/** `message` is what the vendor prints after "Failed to run sql query: "; `code` is the SQLSTATE. */
export type QueryResult = { ok: true; rows: Row[] } | { ok: false; message: string; code: string };

export interface QueryOptions {
  /** `$1`, `$2` … of a single statement. */
  readonly parameters?: unknown[];
  /** Runs as the platform's read-only user. */
  readonly readOnly?: boolean;
}

/** The roles that the platform's services log in with. */
export type Login =
  | 'postgres'
  | 'supabase_read_only_user'
  | 'supabase_auth_admin'
  | 'supabase_storage_admin'
  | 'authenticator';

/** One statement with its values; rejects with PostgreSQL's error. */
export type Run = (sql: string, values?: unknown[]) => Promise<Row[]>;

export interface Database {
  /** Text of one or several statements, as `postgres`. Rows are those of the last statement. */
  query(sql: string, options?: QueryOptions): Promise<QueryResult>;
  /** One transaction as `login`: committed when `work` resolves, rolled back when it rejects. */
  transaction<T>(login: Login, work: (run: Run) => Promise<T>): Promise<T>;
  /** A client of the wire protocol comes. */
  enter(): Guest;
  close(): Promise<void>;
}

/** A client that speaks to the bare session as `postgres`, one transaction at a time. */
export interface Guest {
  turn(): Promise<Turn>;
  leave(): Promise<void>;
}

export interface Turn {
  readonly postgres: PGlite;
  readonly release: Release;
}

/** The one backend, and who has been at it. */
interface Backend {
  readonly postgres: PGlite;
  readonly mutex: Mutex;
  /** Clients of the wire protocol that are connected: their prepared statements must live on. */
  guests: number;
  /** A guest was the last to use the session and may have left settings. */
  usedByGuest: boolean;
}

/** Opens the data directory `dir`, which must have been stamped from the template. */
export async function openDatabase(dir: string): Promise<Database> {
  const backend: Backend = { postgres: await openPostgres(dir), mutex: createMutex(), guests: 0, usedByGuest: false };
  return {
    query: (sql, options = {}) => query(backend, sql, options),
    transaction: (login, work) => borrow(backend, login, () => transaction(backend.postgres, login, work)),
    enter: () => enter(backend),
    async close() {
      const release = await backend.mutex.acquire();
      if (!backend.postgres.closed) await backend.postgres.close();
      release();
    },
  };
}

function enter(backend: Backend): Guest {
  backend.guests += 1;
  return {
    async turn() {
      const release = await backend.mutex.acquire();
      if (!backend.usedByGuest) await backend.postgres.exec('set session authorization postgres');
      backend.usedByGuest = true;
      return { postgres: backend.postgres, release };
    },
    async leave() {
      const release = await backend.mutex.acquire();
      backend.guests -= 1;
      if (!backend.postgres.closed) await tidy(backend);
      release();
    },
  };
}

const whatIsLeft = [
  'reset all',
  'close all',
  'unlisten *',
  'select pg_advisory_unlock_all()',
  'discard sequences',
  'discard temp',
];

/** Leaves nothing of the last user behind: no open transaction, role, setting, temporary table or cursor. */
async function tidy(backend: Backend): Promise<void> {
  const { postgres, guests } = backend;
  // One call each, for a multi-statement text is itself a transaction, in which DISCARD is refused.
  await postgres.exec('rollback');
  await postgres.exec('set session authorization supabase_admin');
  for (const text of guests === 0 ? ['discard all'] : whatIsLeft) await postgres.exec(text);
  backend.usedByGuest = false;
}

async function borrow<T>(backend: Backend, login: Login, work: (postgres: PGlite) => Promise<T>): Promise<T> {
  const release = await backend.mutex.acquire();
  const { postgres } = backend;
  try {
    if (backend.usedByGuest) await tidy(backend);
    await postgres.exec(`set session authorization ${login}`);
    return await work(postgres);
  } finally {
    if (!postgres.closed) await tidy(backend);
    release();
  }
}

async function query(backend: Backend, sql: string, options: QueryOptions): Promise<QueryResult> {
  if (changesSessionUser(sql)) {
    return { ok: false, message: `ERROR:  ${insufficientPrivilege}: ${sessionRefusal}\n`, code: insufficientPrivilege };
  }
  const login = options.readOnly ? 'supabase_read_only_user' : 'postgres';
  return borrow(backend, login, async (postgres) => {
    try {
      if (options.readOnly) await postgres.exec('set default_transaction_read_only = on');
      return { ok: true, rows: await lastRows(postgres, sql, options.parameters) };
    } catch (error) {
      if (!isSqlError(error)) throw error;
      return { ok: false, message: printSqlError(error, sql), code: error.code };
    }
  });
}

async function lastRows(postgres: PGlite, sql: string, parameters: unknown[] | undefined): Promise<Row[]> {
  if (parameters !== undefined && parameters.length > 0) return (await postgres.query<Row>(sql, parameters)).rows;
  return (await postgres.exec(sql)).at(-1)?.rows ?? [];
}

/** Search paths that the platform's services set for themselves at login. */
const searchPaths: Partial<Record<Login, string>> = { supabase_auth_admin: 'auth', supabase_storage_admin: 'storage' };

async function transaction<T>(postgres: PGlite, login: Login, work: (run: Run) => Promise<T>): Promise<T> {
  const path = searchPaths[login];
  if (path !== undefined) await postgres.exec(`set search_path = ${path}`);
  await postgres.exec('begin');
  const result = await work(async (sql, values) => (await postgres.query<Row>(sql, values)).rows);
  await postgres.exec('commit');
  return result;
}
