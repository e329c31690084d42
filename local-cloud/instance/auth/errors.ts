import type { AuthSettings } from '../instance.ts';

const apiVersionHeader = 'x-supabase-api-version';
const versionWithCodes = '2024-01-01';

/** A refusal by the auth server. https://supabase.com/docs/guides/auth/debugging/error-codes */
export class AuthError extends Error {
  readonly status: number;
  readonly errorCode: string;
  readonly details: Record<string, unknown>;

  constructor(status: number, errorCode: string, message: string, details: Record<string, unknown> = {}) {
    super(message);
    this.name = 'AuthError';
    this.status = status;
    this.errorCode = errorCode;
    this.details = details;
  }
}

export const invalid = (message: string): AuthError => new AuthError(400, 'validation_failed', message);
export const unexpected = (message: string): AuthError => new AuthError(500, 'unexpected_failure', message);
export const emailExists = (): AuthError =>
  new AuthError(422, 'email_exists', 'A user with this email address has already been registered');
export const userNotFound = (): AuthError => new AuthError(404, 'user_not_found', 'User not found');

/** Of the address as a way in that is switched off: sessions that are open go on. */
export function assertEmailEnabled({ external_email_enabled: enabled = true }: AuthSettings, what: string): void {
  if (!enabled) throw new AuthError(422, 'email_provider_disabled', `Email ${what} are disabled`);
}

/** The error in the shape of the API version that the client asked for. */
export function errorResponse(error: AuthError, request: Request): Response {
  const headers = new Headers({ 'x-sb-error-code': error.errorCode });
  const dated = (request.headers.get(apiVersionHeader) ?? '') >= versionWithCodes;
  if (dated) headers.set(apiVersionHeader, versionWithCodes);
  const body = dated
    ? { code: error.errorCode, message: error.message, ...error.details }
    : { code: error.status, error_code: error.errorCode, msg: error.message, ...error.details };
  return Response.json(body, { status: error.status, headers });
}
