import { ProviderError } from '../../engine/errors.ts';
import type { Found, Identity, Kind } from '../../engine/kind.ts';
import { sha256 } from '../../lib/digest.ts';
import { openAt, splitStatements } from '../../lib/sql.ts';
import { conflict } from '../failure.ts';
import type { Http } from '../http.ts';
import {
  type LedgerRow,
  ledgerDiff,
  type MigrationFile,
  pendingOf,
  readLedger,
  readProgress,
  unsignedOf,
} from './ledger.ts';
import {
  type Batch,
  batchOf,
  finish,
  LEDGER_MOVED,
  prepareLedger,
  progressOf,
  type Start,
  signatures,
} from './ledger-sql.ts';
import { type SqlError, sqlErrorOf, writeSql } from './sql.ts';

export type MigrationsInputs = { readonly ref: string; readonly files: readonly MigrationFile[] };
export type Ledger = readonly LedgerRow[];

/** Where there is no migration at all, there still is a schema version to name. */
const NONE = 'none';

/** SQLSTATEs of a lock that was not to be had, and of a deadlock: both pass. */
const BUSY = ['55P03', '40P01'];

/**
 * The schema of an agency's database, file by file in the order of their versions, kept in the ledger of the official
 * Supabase CLI. All files that can run in a transaction go in one call. Whether an unheard call was done is settled by
 * reading the ledger, which each file's transaction writes. The id is that of the project the ledger is kept in.
 */
export function supabaseMigrations(http: Http): Kind<MigrationsInputs, Ledger> {
  const look = async (inputs: MigrationsInputs) => foundIn(inputs, await readLedger(http, inputs.ref));
  return {
    name: 'supabase.migrations',
    holdsData: false,
    stableOutputs: [],
    identify: async ({ inputs }): Promise<Identity<Ledger>> => {
      const found = await look(inputs);
      return found ? { state: 'found', ...found } : { state: 'absent' };
    },
    read: ({ inputs }) => look(inputs),
    diff: ({ inputs }, actual) => ledgerDiff(inputs.files, actual),
    create: async ({ inputs }) => {
      await apply(http, inputs, []);
      return look(inputs);
    },
    update: ({ inputs }, { actual }) => apply(http, inputs, actual),
    // The schema goes with its database, and with nothing less.
    delete: async () => undefined,
    outputs: (_, { actual }) => ({ schemaVersion: versionOf(actual) }),
    remember: (_, { actual }) => ({ version: versionOf(actual) }),
  };
}

function foundIn({ ref, files }: MigrationsInputs, ledger: Ledger): Found<Ledger> | undefined {
  return ledger.length === 0 && files.length > 0 ? undefined : { id: ref, actual: ledger };
}

function versionOf(ledger: Ledger): string {
  return ledger.at(-1)?.version ?? NONE;
}

async function apply(http: Http, { ref, files }: MigrationsInputs, ledger: Ledger): Promise<void> {
  const unsigned = unsignedOf(files, ledger);
  if (unsigned.length > 0) await writeSql(http, ref, signatures(unsigned), 'complete the ledger of migrations');
  const applied = ledger.map(({ version }) => version);
  for (const group of groupsOf(pendingOf(files, ledger))) {
    if (group.transactional) await runBatch(http, ref, batchOf(group.files, applied));
    else for (const file of group.files) await runAlone(http, ref, file, applied);
    applied.push(...group.files.map(({ version }) => version));
  }
}

interface Group {
  readonly transactional: boolean;
  readonly files: MigrationFile[];
}

/** Neighbours of one sort: each file that runs outside a transaction is alone. */
function groupsOf(files: readonly MigrationFile[]): Group[] {
  const groups: Group[] = [];
  for (const file of files) {
    const last = groups.at(-1);
    if (last?.transactional && file.transactional) last.files.push(file);
    else groups.push({ transactional: file.transactional, files: [file] });
  }
  return groups;
}

async function runBatch(http: Http, ref: string, batch: Batch): Promise<void> {
  const names = batch.starts.map(({ file }) => file.file);
  try {
    await writeSql(http, ref, batch.sql, `apply ${names.length} migrations`);
  } catch (thrown) {
    const error = sqlErrorOf(thrown);
    if (!error) throw thrown;
    const place = placeOf(batch, error);
    const stopped = stoppedAt(batch, place, await readLedger(http, ref));
    throw explained(thrown, error, stopped?.file, stopped && lineIn(stopped, place));
  }
}

/**
 * The line of the whole text that an error is about; 0 where nobody knows. A quote that nobody closes is known here
 * alone: Postgres ends it in a later file, or quotes so much of the text that its line is cut off.
 */
function placeOf({ starts }: Batch, { line }: SqlError): number {
  const opened = starts.flatMap(({ file: { sql }, line: first }) => {
    const at = openAt(sql);
    return at === undefined ? [] : first - 1 + lineAt(sql, at);
  });
  const place = Math.min(...opened, line ?? Number.POSITIVE_INFINITY);
  return Number.isFinite(place) ? place : 0;
}

/**
 * The file on whose lines the error stands, for Postgres reads the whole text before it applies any of it; without a
 * line the first that the ledger lacks.
 */
function stoppedAt({ starts }: Batch, place: number, ledger: Ledger): Start | undefined {
  const missing = starts.filter(({ file }) => !ledger.some(({ version }) => version === file.version));
  return missing.findLast(({ line }) => line <= place) ?? missing[0];
}

/** The line within the file; `undefined` where nobody knows, or where it is one of the text around it. */
function lineIn({ line, file: { sql } }: Start, place: number): number | undefined {
  const within = place - line + 1;
  const lines = lineAt(sql, sql.length);
  // On the line after it stands our semicolon, at which Postgres sees that the file ended too early.
  if (within === lines + 1) return lineAt(sql, sql.trimEnd().length);
  return within >= 1 && within <= lines ? within : undefined;
}

/** The line of an index, from 1. */
function lineAt(sql: string, index: number): number {
  return sql.slice(0, index).split('\n').length;
}

/**
 * One call a statement, for several in one call would be a transaction again. What is done is remembered, so a run
 * that was stopped goes on behind it, also when the rest of the file was mended; the statement that was under way is
 * repeated and has to bear that.
 */
async function runAlone(http: Http, ref: string, file: MigrationFile, applied: readonly string[]): Promise<void> {
  await writeSql(http, ref, prepareLedger, 'prepare the ledger of migrations');
  const statements = splitStatements(file.sql);
  const texts = statements.map(({ text }) => text);
  const done = sameFrom(texts, await readProgress(http, ref, file));
  for (const [index, { text, start }] of statements.entries()) {
    if (index < done) continue;
    await runStatement(http, ref, file, text, lineAt(file.sql, start));
    await writeSql(http, ref, progressOf(file, texts.slice(0, index + 1)), `remember the progress of ${file.file}`);
  }
  await runStatement(http, ref, file, finish(file, applied), 1);
}

/** How many statements, from the first on, are those that were done. */
function sameFrom(texts: readonly string[], finished: readonly unknown[]): number {
  const changed = texts.findIndex((text, index) => sha256(text) !== finished[index]);
  return changed < 0 ? texts.length : changed;
}

async function runStatement(http: Http, ref: string, file: MigrationFile, sql: string, line: number): Promise<void> {
  try {
    await writeSql(http, ref, sql, `apply ${file.file}`);
  } catch (thrown) {
    const error = sqlErrorOf(thrown);
    throw error ? explained(thrown, error, file, line + (error.line ?? 1) - 1) : thrown;
  }
}

/** A lock that was not to be had, or a ledger that moved, is another run’s doing: the engine looks again. */
function explained(thrown: unknown, error: SqlError, file: MigrationFile | undefined, line?: number): unknown {
  if (!(thrown instanceof ProviderError)) return thrown;
  if (error.code === LEDGER_MOVED) return conflict(thrown);
  const where = file === undefined ? 'a migration' : `${file.file}${line === undefined ? '' : `:${line}`}`;
  const busy = BUSY.includes(error.code);
  const operation = `apply ${where}`;
  return new ProviderError(
    { ...thrown.failure, operation, code: error.code, transient: busy, ambiguous: busy },
    `supabase: ${operation} failed: ${error.message} (${error.code})`,
    busy ? 'Something else holds a lock in the database for long; run again when it is over.' : remedyOf(file),
    thrown,
  );
}

function remedyOf(file: MigrationFile | undefined): string {
  return file?.transactional === false
    ? 'Mend the statement and merge it; leave the statements before it as they are, for they stay applied.'
    : 'Mend the file and merge it; nothing of it was applied, and what was applied before it stays. ' +
        'Where other agencies have it already, the file must stay: mend what is different in this database.';
}
