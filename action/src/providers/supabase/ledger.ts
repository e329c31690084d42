import type { Difference } from '../../engine/kind.ts';
import type { Http } from '../http.ts';
import { literal, readSql, sqlErrorOf } from './sql.ts';

/** One migration as the kind is told about it. */
export interface MigrationFile {
  /** Fourteen digits: text order is the order of time. */
  readonly version: string;
  readonly name: string;
  /** For messages: `migrations/agency/<version>_<name>.sql`. */
  readonly file: string;
  readonly digest: string;
  readonly sql: string;
  /** False: it cannot run inside a transaction. */
  readonly transactional: boolean;
}

/** One applied migration. `digest` is our column: absent where the official CLI applied it. */
export interface LedgerRow {
  readonly version: string;
  readonly digest?: string;
}

const LEDGER = 'supabase_migrations.schema_migrations';
const PROGRESS = 'supabase_migrations.provisioner_progress';

/** SQLSTATEs of a table and of a schema that are not there: nothing was applied yet. */
const MISSING = ['42P01', '3F000'];

/** What was applied, oldest first. Through jsonb, because a ledger made by the official CLI has no digest column. */
export async function readLedger(http: Http, ref: string): Promise<readonly LedgerRow[]> {
  const query = `select l.version, to_jsonb(l) ->> 'digest' as digest from ${LEDGER} l order by l.version`;
  const rows = await orNone(readSql(http, ref, query));
  return rows.map(({ version, digest }) => ({
    version: String(version),
    ...(typeof digest === 'string' && digest !== '' && { digest }),
  }));
}

/** The digests of the statements that are done of a file that runs outside a transaction, as it read at the time. */
export async function readProgress(http: Http, ref: string, { version }: MigrationFile): Promise<readonly unknown[]> {
  const [row] = await orNone(
    readSql(http, ref, `select finished from ${PROGRESS} where version = ${literal(version)}`),
  );
  return Array.isArray(row?.finished) ? row.finished : [];
}

async function orNone<T>(asked: Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await asked;
  } catch (thrown) {
    if (MISSING.includes(sqlErrorOf(thrown)?.code ?? '')) return [];
    throw thrown;
  }
}

/** Files that the ledger does not hold, in order. */
export function pendingOf(files: readonly MigrationFile[], ledger: readonly LedgerRow[]): readonly MigrationFile[] {
  return files.filter(({ version }) => !ledger.some((row) => row.version === version));
}

/** Files that somebody else applied, so that only their version is known: theirs is taken for ours from now on. */
export function unsignedOf(files: readonly MigrationFile[], ledger: readonly LedgerRow[]): readonly MigrationFile[] {
  return files.filter(({ version }) => ledger.some((row) => row.version === version && row.digest === undefined));
}

/** How the ledger differs from the files; what contradicts them is immutable, so it blocks. */
export function ledgerDiff(files: readonly MigrationFile[], ledger: readonly LedgerRow[]): readonly Difference[] {
  return [
    ...contradictions(files, ledger),
    ...pendingOf(files, ledger).map(({ file }) => ({ path: `migration ${file}`, before: 'pending', after: 'applied' })),
    ...unsignedOf(files, ledger).map(({ file }) => ({ path: `digest of ${file}`, after: 'recorded' })),
  ];
}

function contradictions(files: readonly MigrationFile[], ledger: readonly LedgerRow[]): Difference[] {
  const newest = ledger.at(-1)?.version ?? '';
  const byVersion = new Map(files.map((file) => [file.version, file]));
  const fromLedger = ledger.flatMap(({ version, digest }): Difference[] => {
    const file = byVersion.get(version);
    if (!file) return [immutable(`migrations/agency/${version}_…`, 'applied', 'not among the files')];
    if (digest === undefined || digest === file.digest) return [];
    return [immutable(file.file, `applied as ${short(digest)}`, `the file is now ${short(file.digest)}`)];
  });
  const gaps = pendingOf(files, ledger)
    .filter(({ version }) => version < newest)
    .map(({ file }) => immutable(file, 'not applied', `older than ${newest}, which is applied`));
  return [...fromLedger, ...gaps];
}

function immutable(path: string, before: string, after: string): Difference {
  return { path, before, after, immutable: true };
}

function short(digest: string): string {
  return digest.slice(0, 'sha256:'.length + 12);
}
