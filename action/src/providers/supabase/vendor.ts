import * as z from 'zod';
import type { Budget } from '../../lib/limiter.ts';
import type { Secret } from '../../lib/secret.ts';
import type { Said } from '../failure.ts';
import type { Vendor } from '../http.ts';

const text = z.string().optional().catch(undefined);
const managementError = z.object({
  message: text,
  code: text,
  missing_permissions: z.array(z.string()).optional().catch(undefined),
});
/** GoTrue words errors in two ways, PostgREST in one more. */
const instanceError = z.object({
  error_code: text,
  code: z.union([z.string(), z.number()]).optional().catch(undefined),
  msg: text,
  message: text,
  error_description: text,
});

/** The status that a paused project answers everything with. */
export const PROJECT_PAUSED = 540;

/** The Management API: https://supabase.com/docs/reference/api/introduction */
export function managementVendor(token: Secret, apiUrl: string): Vendor {
  return {
    name: 'supabase',
    baseUrl: apiUrl,
    credential: 'SUPABASE_ACCESS_TOKEN',
    authorize: () => ({ authorization: `Bearer ${token.reveal()}` }),
    explain: (body) => {
      const { code, message, missing_permissions: missing } = managementError.safeParse(body).data ?? {};
      const lacks = missing === undefined ? '' : ` (the token lacks ${missing.join(', ')})`;
      return said(code, message === undefined ? undefined : `${message}${lacks}`);
    },
    // It stays so until somebody restores it.
    quirk: (status) => (status === PROJECT_PAUSED ? 'give-up' : undefined),
  };
}

/** The Auth and Data APIs of one instance; supabase-js signs in, so there is nothing to authorize here. */
export function instanceVendor(url: string, credential = 'the API keys of the instance'): Vendor {
  return {
    name: 'supabase',
    baseUrl: url,
    credential,
    authorize: () => ({}),
    explain: (body) => {
      const error = instanceError.safeParse(body).data ?? {};
      const code = error.error_code ?? (typeof error.code === 'string' ? error.code : undefined);
      return said(code, error.msg ?? error.message ?? error.error_description);
    },
    // The gateway has been seen to answer a good secret key with this for a while (supabase/supabase#48272).
    quirk: (status, { code }) => (status === 403 && code === 'bad_jwt' ? 'retry' : undefined),
  };
}

function said(code: string | undefined, message: string | undefined): Said {
  return { ...(code !== undefined && { code }), ...(message !== undefined && { message }) };
}

/** 120 a minute for each user, project (or organization) and endpoint: a scope is one endpoint of one project. */
export function managementBudget(): Budget {
  return { windows: [{ requests: 120, perMs: 60_000 }] };
}
