/** What PostgreSQL says about a failed statement, as far as the vendor's APIs print it. */
export interface SqlError extends Error {
  readonly severity?: string | undefined;
  readonly code: string;
  readonly detail?: string | undefined;
  readonly hint?: string | undefined;
  readonly position?: string | undefined;
  readonly internalPosition?: string | undefined;
  readonly internalQuery?: string | undefined;
  readonly where?: string | undefined;
}

/** True for an error that PostgreSQL itself reported: it carries a five-character SQLSTATE. */
export function isSqlError(error: unknown): error is SqlError {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code)
  );
}

/**
 * The message as the vendor's database API prints it: severity, SQLSTATE and text, then the offending line with a
 * caret, then detail, hint and context, each on its own line. https://github.com/supabase/postgres-meta
 */
export function printSqlError(error: SqlError, sql: string): string {
  const lines = [
    `${error.severity ?? 'ERROR'}:  ${error.code}: ${error.message}`,
    ...pointAt(sql, error.position),
    ...(error.internalQuery ? [`QUERY:  ${error.internalQuery}`] : []),
    ...(error.detail ? [`DETAIL:  ${error.detail}`] : []),
    ...(error.hint ? [`HINT:  ${error.hint}`] : []),
    ...(error.where ? [`CONTEXT:  ${error.where}`] : []),
  ];
  return `${lines.join('\n')}\n`;
}

/** PostgreSQL counts positions from 1, in characters. */
function pointAt(sql: string, position: string | undefined): string[] {
  if (position === undefined) return [];
  const before = [...sql].slice(0, Number(position) - 1).join('');
  const number = before.split('\n').length;
  const start = before.lastIndexOf('\n') + 1;
  const line = sql.slice(start).split('\n', 1)[0] ?? '';
  const label = `LINE ${number}: `;
  return [`${label}${line}`, `${' '.repeat(label.length + before.length - start)}^`];
}
