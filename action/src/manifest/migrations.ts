import { sha256 } from '../lib/digest.ts';
import { openAt, splitStatements } from '../lib/sql.ts';
import { sharing } from './group.ts';
import { type Problem, problemAt, type SourceFile, sortProblems } from './problem.ts';
import { findHidden } from './text.ts';

/** One file of migrations/agency/. */
export interface Migration {
  /** Fourteen digits. */
  readonly version: string;
  /** What follows the first underscore of the file's name. */
  readonly name: string;
  /** Relative path with slashes, for messages. */
  readonly file: string;
  /** The text with CRLF read as LF. */
  readonly sql: string;
  /** `sha256:…` of `sql`: a checkout on Windows is not another file. */
  readonly digest: string;
  /** False: the file says on its first line that it cannot run inside a transaction. */
  readonly transactional: boolean;
}

export const MIGRATION_LIMIT_BYTES = 1024 * 1024;

/** The official Supabase CLI takes more digits or fewer; a fixed width makes text order the order of time. */
const fileName = /^(?<version>\d{14})_(?<name>[A-Za-z0-9._-]+)\.sql$/;

/** Our marker, and the one that the official Supabase CLI reads. */
const withoutTransaction = /^-- (?:provisioner|pg-delta): transaction=false[ \t]*\r?(?:\n|$)/;

/** What begins or ends a transaction. Each file runs inside one that is ours, or inside none. */
const transactionControl =
  /^(?:BEGIN|START TRANSACTION|COMMIT|END|ROLLBACK|ABORT|SAVEPOINT|RELEASE|PREPARE TRANSACTION)\b/;

/** Reads the migrations, in the order they run in, and everything that is wrong with any of them. */
export function readMigrations(sources: readonly SourceFile[]): { migrations: Migration[]; problems: Problem[] } {
  const readings = sources.filter(({ file }) => file.endsWith('.sql')).map((source) => ({ source, ...read(source) }));
  const migrations = readings.flatMap(({ migration }) => migration ?? []);
  migrations.sort((a, b) => (a.version < b.version ? -1 : 1));
  const problems = [...readings.flatMap((reading) => reading.problems), ...duplicates(readings)];
  return { migrations, problems: sortProblems(problems) };
}

interface Reading {
  readonly migration?: Migration;
  readonly problems: readonly Problem[];
}

function read(source: SourceFile): Reading {
  const { file, text } = source;
  const { version, name } = fileName.exec(file.slice(file.lastIndexOf('/') + 1))?.groups ?? {};
  if (version === undefined || name === undefined) {
    return { problems: [problemAt(source, 0, 'the file’s name is not that of a migration', nameRemedy)] };
  }
  const problems = checkText(source);
  const sql = text.replaceAll('\r\n', '\n');
  const migration = {
    version,
    name,
    file,
    sql,
    digest: sha256(sql),
    transactional: !withoutTransaction.test(text),
  };
  return { migration, problems };
}

const nameRemedy = 'name it <14 digits>_<name>.sql, such as 20260101000000_projects.sql';

function checkText(source: SourceFile): Problem[] {
  const { text } = source;
  if (text.length > MIGRATION_LIMIT_BYTES) return [problemAt(source, 0, 'the file is larger than 1 MB', 'split it')];
  const hidden = findHidden(text);
  if (hidden) {
    return [
      problemAt(source, hidden.index, `the file contains ${hidden.name}`, "remove it, or write it as U&'\\200B'"),
    ];
  }
  const open = openAt(text);
  if (open !== undefined) return [problemAt(source, open, 'a quote or comment that nobody closes', 'close it')];
  const statements = splitStatements(text);
  if (statements.length === 0) {
    return [problemAt(source, 0, 'the migration is empty', 'write a statement into it, or delete the file')];
  }
  return statements
    .filter(({ head }) => transactionControl.test(head))
    .map(({ head, start }) => problemAt(source, start, `${head.split(' ')[0]} in a migration`, controlRemedy));
}

const controlRemedy =
  'remove it: each file runs in a transaction of its own, unless its first line is "-- provisioner: transaction=false"';

function duplicates(readings: readonly (Reading & { source: SourceFile })[]): Problem[] {
  return sharing(readings, ({ migration }) => migration?.version).flatMap((same) =>
    same.map(({ source }) => duplicate(source, same)),
  );
}

function duplicate(source: SourceFile, same: readonly { source: SourceFile }[]): Problem {
  const others = same.map((other) => other.source.file).filter((file) => file !== source.file);
  return problemAt(source, 0, `the same version as ${others.join(', ')}`, 'give one of them a later version');
}
