import { sha256 } from '../../lib/digest.ts';
import { splitStatements } from '../../lib/sql.ts';
import type { MigrationFile } from './ledger.ts';
import { literal } from './sql.ts';

const LEDGER = 'supabase_migrations.schema_migrations';
const PROGRESS = 'supabase_migrations.provisioner_progress';

/** Raised when another run changed the ledger since it was read: the next look sees why. */
export const LEDGER_MOVED = 'P0PRV';

/**
 * How long a statement waits for a lock, ours on the ledger among them. A migration that queues behind a long reader
 * makes everybody else queue behind itself.
 */
const LOCK_TIMEOUT = '10s';

const begin = [
  'begin;',
  `set local lock_timeout = '${LOCK_TIMEOUT}';`,
  "select pg_advisory_xact_lock(hashtext('agency-provisioner.migrations'));",
].join(' ');

/**
 * Makes the session as new, as the official CLI does before each file, so that an agency that gets many files in one
 * call becomes what one became that got them one by one. In a transaction of its own, for one that is under way keeps
 * its mode.
 */
const reset = 'begin; reset all; discard temp; commit;';

/** The ledger as the official CLI makes it, with our column; completes one that the CLI made. */
export const prepareLedger = [
  begin,
  'create schema if not exists supabase_migrations;',
  `create table if not exists ${LEDGER} (version text not null primary key, statements text[], name text);`,
  `alter table ${LEDGER} add column if not exists digest text;`,
  `create table if not exists ${PROGRESS} (version text not null primary key, finished text[] not null);`,
  'commit;',
  '',
].join('\n');

/** Text to send, and where each file's own text begins, so that an error can be traced to its file. */
export interface Batch {
  readonly sql: string;
  /** In the order of the text. */
  readonly starts: readonly Start[];
}

export interface Start {
  readonly file: MigrationFile;
  /** From 1. */
  readonly line: number;
}

/**
 * Files that run inside a transaction, each in its own and in a session as new, as one text: lock, check that the
 * ledger still is what it was and holds what came before, body, ledger row. A failure leaves nothing of its file behind
 * and ends the batch. `applied` are the versions that the ledger holds.
 */
export function batchOf(files: readonly MigrationFile[], applied: readonly string[]): Batch {
  let sql = prepareLedger;
  const starts: Start[] = [];
  const before = [...applied];
  for (const file of files) {
    sql += `${reset}\n${begin}\n${expect(before)}\n`;
    starts.push({ file, line: sql.split('\n').length });
    sql += `${file.sql}\n;\n${enter(file)}\ncommit;\n`;
    before.push(file.version);
  }
  return { sql, starts };
}

/** The ledger row of a file that runs outside a transaction, once all its statements are done. */
export function finish(file: MigrationFile, applied: readonly string[]): string {
  const forget = `delete from ${PROGRESS} where version = ${literal(file.version)};`;
  return [begin, expect(applied), enter(file), forget, 'commit;'].join('\n');
}

/** Remembers the statements of a file that are done, in their order, each by its digest. */
export function progressOf({ version }: MigrationFile, finished: readonly string[]): string {
  const digests = finished.map((text) => literal(sha256(text)));
  return [
    `insert into ${PROGRESS} (version, finished) values (${literal(version)}, array[${digests.join(', ')}]::text[])`,
    'on conflict (version) do update set finished = excluded.finished;',
  ].join('\n');
}

/** Puts our digest beside rows that the official CLI wrote; one that stands there already stays. */
export function signatures(files: readonly MigrationFile[]): string {
  const updates = files.map(
    ({ version, digest }) =>
      `update ${LEDGER} set digest = ${literal(digest)} where version = ${literal(version)} and digest is null;`,
  );
  return [prepareLedger, begin, ...updates, 'commit;'].join('\n');
}

function expect(versions: readonly string[]): string {
  const list = `array[${versions.map(literal).join(', ')}]::text[]`;
  return [
    'do $provisioner$ begin',
    `  if (select coalesce(array_agg(version order by version), '{}') from ${LEDGER}) is distinct from ${list} then`,
    `    raise exception 'the ledger of migrations changed meanwhile' using errcode = '${LEDGER_MOVED}';`,
    '  end if;',
    'end $provisioner$;',
  ].join('\n');
}

/**
 * In the columns that the official CLI writes, so that its `migration list` and `db push` agree. The role that a file
 * took ends before, for the ledger is ours to write and the next file begins as ourselves.
 */
function enter({ version, name, digest, sql }: MigrationFile): string {
  const statements = splitStatements(sql).map(({ text }) => literal(text));
  const values = [literal(version), literal(name), `array[${statements.join(', ')}]::text[]`, literal(digest)];
  return `reset role;\ninsert into ${LEDGER} (version, name, statements, digest) values (${values.join(', ')});`;
}
