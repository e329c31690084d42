import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Database, openDatabase, type Row, type Run } from '../../local-cloud/instance/database.ts';
import { ensureTemplate, stampTemplate } from '../../local-cloud/instance/template.ts';

const folder = fileURLToPath(new URL('../../migrations/agency', import.meta.url));

export interface MigrationFile {
  readonly name: string;
  readonly sql: string;
}

/** Every file of the agency schema, in the order in which it is released. */
export async function migrationFiles(): Promise<MigrationFile[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  return Promise.all(names.map(async (name) => ({ name, sql: await readFile(join(folder, name), 'utf8') })));
}

/** Who asks: a signed-in user by id, somebody who is not signed in, or the server with its secret key. */
export type Caller = { readonly user: string; readonly claims?: Row } | 'anon' | 'service_role';

/** What one statement came to. `code` is the SQLSTATE, `message` what PostgreSQL said. */
export type Answer = { ok: true; rows: Row[] } | { ok: false; code: string; message: string };

export interface AgencyDatabase {
  /** Statements as the owner of the tables, for setting up and looking. Rows of the last one. */
  owner(sql: string): Promise<Row[]>;
  /** One transaction as the API's login, which takes on the caller's role as PostgREST does. Rejects on errors. */
  as<T>(caller: Caller, work: (run: Run) => Promise<T>): Promise<T>;
  /** Like `as`, but nothing of it stays. */
  rehearse<T>(caller: Caller, work: (run: Run) => Promise<T>): Promise<T>;
  /** Rehearses one statement as the caller and says what came of it. */
  attempt(caller: Caller, sql: string, values?: unknown[]): Promise<Answer>;
  /** One transaction as the auth service, the only one that writes accounts. */
  auth<T>(work: (run: Run) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Makes a fresh project's database; `before` is SQL the platform ran there, `files` the migrations to apply. */
export async function openAgencyDatabase(
  options: { before?: string; files?: readonly MigrationFile[] } = {},
): Promise<AgencyDatabase> {
  const dir = await mkdtemp(join(tmpdir(), 'agency-schema-'));
  await stampTemplate(await ensureTemplate(), join(dir, 'postgres'));
  const database = await openDatabase(join(dir, 'postgres'));
  if (options.before !== undefined) await owner(database, options.before);
  for (const file of options.files ?? (await migrationFiles())) await owner(database, `begin; ${file.sql}; commit`);
  return {
    owner: (sql) => owner(database, sql),
    as: (caller, work) => asCaller(database, caller, work),
    rehearse: (caller, work) => rehearse(database, caller, work),
    attempt: (caller, sql, values) => rehearse(database, caller, (run) => answerOf(run(sql, values))),
    auth: (work) => database.transaction('supabase_auth_admin', work),
    async close() {
      await database.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function owner(database: Database, sql: string): Promise<Row[]> {
  const result = await database.query(sql);
  if (!result.ok) throw new Error(result.message);
  return result.rows;
}

function asCaller<T>(database: Database, caller: Caller, work: (run: Run) => Promise<T>): Promise<T> {
  return database.transaction('authenticator', async (run) => {
    await become(run, caller);
    return work(run);
  });
}

/** Takes on the caller's role and claims until the transaction ends, as the API does for each request. */
export async function become(run: Run, caller: Caller): Promise<void> {
  const role = typeof caller === 'string' ? caller : 'authenticated';
  const claims = typeof caller === 'string' ? { role } : { role, sub: caller.user, ...caller.claims };
  const sql = "select set_config('role', $1, true), set_config('request.jwt.claims', $2, true)";
  await run(sql, [role, JSON.stringify(claims)]);
}

/** Thrown to end a transaction whose result is already known. */
class TakenBack extends Error {}

async function rehearse<T>(database: Database, caller: Caller, work: (run: Run) => Promise<T>): Promise<T> {
  const results: T[] = [];
  const rehearsal = asCaller(database, caller, async (run) => {
    results.push(await work(run));
    throw new TakenBack();
  });
  await rehearsal.catch((error: unknown) => {
    if (!(error instanceof TakenBack)) throw error;
  });
  return results[0] as T;
}

/** What became of a statement; only PostgreSQL's own errors are answers. */
export async function answerOf(rows: Promise<Row[]>): Promise<Answer> {
  try {
    return { ok: true, rows: await rows };
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    return { ok: false, code: String(error.code), message: error.message };
  }
}
