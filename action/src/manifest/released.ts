import type { Migration } from './migrations.ts';
import { type Problem, problemAt, type SourceFile } from './problem.ts';
import { readStatus } from './status.ts';

/** What a change is judged against. */
export interface Base {
  /** agencies/ at the merge base. */
  readonly agencies: readonly SourceFile[];
  /** Every file of migrations/agency/ at the merge base, where migrations are judged. */
  readonly migrations?: readonly SourceFile[];
}

/**
 * Migrations that contradict what databases hold already: after a merge of one, every agency that applied it would be
 * due, and blocked. Released is what is not newer than a version that an agency's record names: a file that nobody could
 * apply yet may still be mended. So may one that an agency is blocked by, which its conditions name: putting it back is
 * what they ask for. Compared as the ledger of a database does, by version and content; a name is free.
 */
export function releasedProblems(
  { agencies }: Base,
  former: readonly Migration[],
  migrations: readonly Migration[],
): Problem[] {
  const known = new Map(former.map((migration) => [migration.version, migration]));
  const now = new Map(migrations.map((migration) => [migration.version, migration]));
  const gone = former.filter(({ version }) => !now.has(version));
  const changed = migrations.filter(({ version, digest }) => (known.get(version)?.digest ?? digest) !== digest);
  const added = migrations.filter(({ version }) => !known.has(version));
  if (former.length === 0 || gone.length + changed.length + added.length === 0) return [];
  const newest = newestIn(agencies);
  if (!newest) return [];
  const disputed = new Set(agencies.flatMap(disputedIn));
  const released = (some: readonly Migration[]) => {
    return some.filter(({ version }) => version <= newest.version && !disputed.has(version));
  };
  const because = `${newest.file} records ${newest.version} as applied`;
  return [
    ...released(gone).map(({ file }) => problem(file, `the migration is gone, and ${because}`, PUT_BACK)),
    ...released(changed).map(({ file }) => problem(file, `the migration was changed, and ${because}`, PUT_BACK)),
    ...released(added).map(({ file }) => {
      return problem(file, `the migration is new and not the newest: ${because}`, 'give it a later version');
    }),
  ];
}

const PUT_BACK =
  'put the file back as it is on the main branch, for a released migration never changes; correct it with a new ' +
  'migration of a later version';

function problem(file: string, message: string, remedy: string): Problem {
  return problemAt({ file, text: '' }, 0, message, remedy);
}

interface Applied {
  readonly version: string;
  readonly file: string;
}

/** What contradicts a database's ledger, as the conditions tell of it; one that only failed contradicts nothing. */
const DISPUTE = /migrations\/agency\/(\d{14})_\S* \((?:applied as|applied ->|not applied ->) /g;

function disputedIn(source: SourceFile): string[] {
  const reading = readStatus(source);
  const conditions = (reading.ok && reading.status?.conditions) || [];
  return conditions.flatMap(({ message }) => [...message.matchAll(DISPUTE)].map(([, version = '']) => version));
}

const VERSION = /^\d{14}$/;

/** The newest version that any agency's record names, and the first manifest that names it. */
function newestIn(agencies: readonly SourceFile[]): Applied | undefined {
  return agencies.reduce<Applied | undefined>((newest, source) => {
    const version = versionIn(source);
    return version !== undefined && version > (newest?.version ?? '') ? { version, file: source.file } : newest;
  }, undefined);
}

function versionIn(source: SourceFile): string | undefined {
  const reading = readStatus(source);
  const status = reading.ok ? reading.status : undefined;
  const named = [status?.resources['supabase.migrations']?.version, status?.outputs.schemaVersion];
  return named
    .filter((version) => version !== undefined && VERSION.test(version))
    .sort()
    .at(-1);
}
