import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** A refusal in the vendor's shape `{statusCode, name, message}`: https://resend.com/docs/api-reference/errors */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: ContentfulStatusCode;
  readonly code: string;

  constructor(status: ContentfulStatusCode, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }

  body(): { statusCode: number; name: string; message: string } {
    return { statusCode: this.status, name: this.code, message: this.message };
  }
}

export const invalid = (message: string): Refusal => new Refusal(422, 'validation_error', message);
export const missing = (field: string): Refusal =>
  new Refusal(422, 'missing_required_field', `Missing \`${field}\` field.`);
export const notFound = (): Refusal => new Refusal(404, 'not_found', 'Email not found');

/** The bearer token, whichever it is. @throws Refusal 401 without one */
export function bearer(call: Context): string {
  const key = /^Bearer (.+)$/.exec(call.req.header('authorization') ?? '')?.[1];
  if (key === undefined) throw new Refusal(401, 'missing_api_key', 'Missing API key in the authorization header');
  return key;
}
