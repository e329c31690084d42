import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** What a request acts for: a team, or the token's own account. */
export interface Scope {
  Variables: { accountId: string };
}

export type Call = Context<Scope>;

/** A refusal in the vendor's own shape: `{error: {code, message, …}}`. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: ContentfulStatusCode;
  readonly code: string;
  readonly more: Record<string, unknown>;

  constructor(status: ContentfulStatusCode, code: string, message: string, more: Record<string, unknown> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.more = more;
  }

  body(): { error: Record<string, unknown> } {
    return { error: { code: this.code, message: this.message, ...this.more } };
  }
}

export const badRequest = (message: string, code = 'bad_request'): Refusal => new Refusal(400, code, message);
export const notFound = (message: string): Refusal => new Refusal(404, 'not_found', message);
export const conflict = (message: string, code = 'conflict'): Refusal => new Refusal(409, code, message);

/** Missing tokens and foreign teams are 403, not 401: https://vercel.com/docs/rest-api/errors */
export const forbidden = (more: Record<string, unknown> = {}): Refusal =>
  new Refusal(403, 'forbidden', 'Not authorized', more);
