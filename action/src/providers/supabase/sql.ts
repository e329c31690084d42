import * as z from 'zod';
import { ProviderError } from '../../engine/errors.ts';
import type { Http } from '../http.ts';

export type Row = Readonly<Record<string, unknown>>;

const rows = z.array(z.record(z.string(), z.unknown()));
const nothing = z.unknown();

/**
 * One reading statement as the read-only user: https://supabase.com/docs/reference/api/v1-read-only-query. Names must
 * carry their schema. Repeated like any read.
 */
export async function readSql(http: Http, ref: string, query: string): Promise<readonly Row[]> {
  const answer = await http.request({
    operation: 'read database',
    method: 'POST',
    path: `/v1/projects/${encodeURIComponent(ref)}/database/query/read-only`,
    body: { query },
    schema: rows,
    scope: `read-only-query:${ref}`,
    repeatable: true,
    permission: 'Database read',
  });
  return answer ?? [];
}

/** A long migration must not be cut off by a deadline that is meant for small calls. */
const PATIENCE = 4;

/** SQL as `postgres`, several statements as one simple query: https://supabase.com/docs/reference/api/v1-run-a-query. Never repeated: an answer may be lost after the commit. */
export async function writeSql(http: Http, ref: string, query: string, operation: string): Promise<void> {
  await http.request({
    operation,
    method: 'POST',
    path: `/v1/projects/${encodeURIComponent(ref)}/database/query`,
    body: { query },
    schema: nothing,
    scope: `query:${ref}`,
    patience: PATIENCE,
    permission: 'Database write',
  });
}

/** What Postgres said through the API. */
export interface SqlError {
  /** SQLSTATE, five signs. */
  readonly code: string;
  readonly message: string;
  /** Line of the whole text that was sent, from 1. */
  readonly line?: number;
}

const POSTGRES = /ERROR: (?<code>[0-9A-Z]{5}): (?<message>.*?)(?: LINE (?<line>\d+): .*)?(?: \(HTTP \d+.*\))?$/;

/** The SQL error behind a refusal, or `undefined` when the API refused for another reason. */
export function sqlErrorOf(thrown: unknown): SqlError | undefined {
  if (!(thrown instanceof ProviderError) || thrown.failure.status !== 400) return undefined;
  const { code, message, line } = POSTGRES.exec(thrown.message)?.groups ?? {};
  if (code === undefined || message === undefined) return undefined;
  // Lines count from 1: 0 names none.
  return { code, message, ...(Number(line) > 0 && { line: Number(line) }) };
}

/** A text as an SQL literal; standard_conforming_strings is on, so only the quote has a meaning. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
