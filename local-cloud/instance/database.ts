import type { PGlite } from '@electric-sql/pglite';
import { createMutex, type Release } from './mutex.ts';
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
  /** An exclusive turn at the bare session, for the wire protocol. `tidy` must have run before it is released. */
  turn(): Promise<Turn>;
  close(): Promise<void>;
}

export interface Turn {
  readonly postgres: PGlite;
  readonly release: Release;
}

/** Opens the data directory `dir`, which must have been stamped from the template. */
export async function openDatabase(dir: string): Promise<Database> {
  const postgres = await openPostgres(dir);
  const mutex = createMutex();
  const turn = async (): Promise<Turn> => ({ postgres, release: await mutex.acquire() });
  return {
    query: (sql, options = {}) => query(turn, sql, options),
    transaction: (login, work) => borrow(turn, login, () => transaction(postgres, login, work)),
    turn,
    async close() {
      const { release } = await turn();
      if (!postgres.closed) await postgres.close();
      release();
    },
  };
}

/** Leaves nothing of the last user behind: no open transaction, role, setting, temporary table or cursor. */
export async function tidy(postgres: PGlite): Promise<void> {
  // Three calls, for a multi-statement text is itself a transaction, in which DISCARD ALL is refused.
  await postgres.exec('rollback');
  await postgres.exec('set session authorization supabase_admin');
  await postgres.exec('discard all');
}

async function borrow<T>(turn: () => Promise<Turn>, login: Login, work: (postgres: PGlite) => Promise<T>): Promise<T> {
  const { postgres, release } = await turn();
  try {
    await postgres.exec(`set session authorization ${login}`);
    return await work(postgres);
  } finally {
    await tidy(postgres);
    release();
  }
}

async function query(turn: () => Promise<Turn>, sql: string, options: QueryOptions): Promise<QueryResult> {
  if (changesSessionUser(sql)) {
    return { ok: false, message: `ERROR:  ${insufficientPrivilege}: ${sessionRefusal}\n`, code: insufficientPrivilege };
  }
  const login = options.readOnly ? 'supabase_read_only_user' : 'postgres';
  return borrow(turn, login, async (postgres) => {
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
