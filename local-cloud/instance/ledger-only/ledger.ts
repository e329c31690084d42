import type { QueryOptions, QueryResult, Row } from '../database.ts';
import { printSqlError } from '../sql-error.ts';

const LEDGER = 'supabase_migrations.schema_migrations';
const READS_LEDGER = `from ${LEDGER} l order by l.version`;
const READS_TABLES = 'from pg_catalog.pg_class c join pg_catalog.pg_namespace n';
const PREPARES = 'create schema if not exists supabase_migrations;';

/** What a migration says about the ledger: which rows it expects, and the row it enters. */
const SAYINGS =
  /is distinct from array\[(?<expected>[^\]]*)\]::text\[\] then|insert into supabase_migrations\.schema_migrations \(version, name, statements, digest\) values \('(?<version>\d{14})', '(?:[^']|'')*', array\[.*?\]::text\[\], '(?<digest>[^']*)'\);/gs;
const TABLES = /^create (?:table|view) (?:if not exists )?public\.(?<table>\w+)/gim;

/** A database that keeps nothing but the ledger of migrations and the names of the tables they create. */
export interface LedgerDatabase {
  query(sql: string, options?: QueryOptions): QueryResult;
  readonly tables: ReadonlySet<string>;
}

/**
 * Understands what the provisioner's migrations say about the ledger (see `providers/supabase/ledger-sql.ts`) and its
 * two catalogue questions. Bodies of migrations are not run, so none can fail. Every other statement is refused with
 * 0A000, so that nobody takes this for a Postgres.
 */
export function ledgerDatabase(): LedgerDatabase {
  const tables = new Set<string>();
  let digests: Map<string, string> | undefined;
  const read = (sql: string): QueryResult => {
    if (!digests) return refusal('42P01', `relation "${LEDGER}" does not exist`, sql);
    return rows([...digests].sort(([a], [b]) => (a < b ? -1 : 1)).map(([version, digest]) => ({ version, digest })));
  };
  const write = (sql: string): QueryResult => {
    digests ??= new Map();
    for (const { groups = {} } of sql.matchAll(SAYINGS)) {
      const { expected, version = '', digest = '' } = groups;
      if (expected === undefined) digests.set(version, digest);
      else if (expected !== listOf(digests)) return refusal('P0PRV', 'the ledger of migrations changed meanwhile', sql);
    }
    for (const { groups } of sql.matchAll(TABLES)) tables.add(groups?.table ?? '');
    return sql.trimEnd().endsWith(READS_LEDGER) ? read(sql) : rows([]);
  };
  return {
    tables,
    query: (sql, { readOnly = false } = {}) => {
      if (readOnly && sql.endsWith(READS_LEDGER)) return read(sql);
      if (readOnly && sql.includes(READS_TABLES)) return rows([...tables].sort().map(closed));
      if (!readOnly && sql.includes(PREPARES)) return write(sql);
      return refusal('0A000', 'this database is a ledger only and does not understand that statement', sql);
    },
  };
}

/** As the provisioner writes an array of versions. */
function listOf(digests: ReadonlyMap<string, string>): string {
  return [...digests.keys()]
    .sort()
    .map((version) => `'${version}'`)
    .join(', ');
}

/** Nobody is granted anything here: see `accounts.ts`. */
function closed(name: string): Row {
  return { name, granted: '' };
}

function rows(found: Row[]): QueryResult {
  return { ok: true, rows: found };
}

function refusal(code: string, message: string, sql: string): QueryResult {
  return { ok: false, code, message: printSqlError(Object.assign(new Error(message), { code }), sql) };
}
