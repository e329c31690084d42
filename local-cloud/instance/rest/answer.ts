import { RestError } from './errors.ts';
import type { Preferences } from './preferences.ts';

/** What one statement gave: its rows as JSON text, so that no number loses digits on the way. */
export interface Outcome {
  readonly json: string;
  /** Rows in `json`. */
  readonly rows: number;
  readonly offset: number;
  /** Rows without limit and offset, where they were counted. */
  readonly total: number | undefined;
}

/** Refuses anything but one row where one object was asked for; call it before the transaction ends. */
export function checkSingle(outcome: Outcome, { single }: Preferences): void {
  if (!single || outcome.rows === 1) return;
  const details = `The result contains ${outcome.rows} rows`;
  throw new RestError(406, 'PGRST116', 'Cannot coerce the result to a single JSON object', details);
}

/** The rows with their range; 206 when they are not all there are. */
export function rowsResponse(outcome: Outcome, preferences: Preferences, status: number, head: boolean): Response {
  const partial = outcome.total !== undefined && outcome.rows < outcome.total;
  const headers = new Headers({ 'content-type': contentType(preferences), 'content-range': rangeText(outcome) });
  const body = preferences.single ? onlyElement(outcome.json) : outcome.json;
  return new Response(head ? null : body, { status: status === 200 && partial ? 206 : status, headers });
}

/** The answer to a write whose rows nobody wants back. */
export function minimalResponse(outcome: Outcome, status: number): Response {
  return new Response(null, { status, headers: { 'content-range': rangeText(outcome) } });
}

/** The text of the one element of a JSON array. */
export function onlyElement(json: string): string {
  return json.trim().slice(1, -1);
}

function contentType({ single }: Preferences): string {
  return single ? 'application/vnd.pgrst.object+json; charset=utf-8' : 'application/json; charset=utf-8';
}

function rangeText({ rows, offset, total }: Outcome): string {
  const range = rows === 0 ? '*' : `${offset}-${offset + rows - 1}`;
  return `${range}/${total ?? '*'}`;
}
