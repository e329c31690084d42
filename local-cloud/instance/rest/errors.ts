import type { SqlError } from '../sql-error.ts';

/** A refusal by the Data API itself. https://docs.postgrest.org/en/stable/references/errors.html */
export class RestError extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: string | null;
  readonly hint: string | null;

  constructor(
    status: number,
    code: string,
    message: string,
    details: string | null = null,
    hint: string | null = null,
  ) {
    super(message);
    this.name = 'RestError';
    this.status = status;
    this.code = code;
    this.details = details;
    this.hint = hint;
  }
}

export const parseFailure = (what: string, text: string): RestError =>
  new RestError(400, 'PGRST100', `"failed to parse ${what} (${text})" (line 1, column 1)`, `unexpected ${text}`);

export function restErrorResponse({ status, code, details, hint, message }: RestError): Response {
  return answer(status, { code, details, hint, message });
}

/** A database error as the Data API passes it on; `anonymous` decides between "sign in" and "not yours". */
export function sqlErrorResponse(error: SqlError, anonymous: boolean): Response {
  const { code, message } = error;
  return answer(statusOf(code, anonymous), { code, details: error.detail ?? null, hint: error.hint ?? null, message });
}

function answer(status: number, body: Record<string, unknown>): Response {
  return Response.json(body, { status, headers: status === 401 ? { 'www-authenticate': 'Bearer' } : {} });
}

const statuses: Record<string, number> = {
  '23503': 409,
  '23505': 409,
  '25006': 405,
  '42883': 404,
  '42P01': 404,
  '42P17': 500,
};
const classes: Record<string, number> = { '08': 503, '25': 500, '40': 500, '53': 503, '54': 500, '57': 500, XX: 500 };

function statusOf(code: string, anonymous: boolean): number {
  if (code === '42501') return anonymous ? 401 : 403;
  return statuses[code] ?? classes[code.slice(0, 2)] ?? 400;
}
