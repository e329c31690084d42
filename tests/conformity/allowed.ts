import type { Finding } from './check.ts';

/** A difference from the vendors' documents that we know of, and why it stands. */
export interface Allowance {
  readonly operation: string;
  readonly place: string;
  readonly problem: RegExp;
  readonly because: string;
}

const STATUS = /^this status is not in the document$/;
const has = (...names: string[]): RegExp => new RegExp(`has "(${names.join('|')})", which is not in the document$`);
const recorded = 'stands in recorded answers of the real API (docs/vendors/conformity.md)';
const refusal = 'the document lists only the refusals that all operations share, and none for a wrong request';
const paused = '540 is the vendor’s word for a paused project; whether it is said here is documented nowhere';
const sdk = 'types of @vercel/sdk 1.28.35 (2026-09-20); the document is of 2025-10';
const previews = 'taken by create and update; that a read shows it is assumed, and the product does without it';
const mail = 'types of the vendor’s own SDK, resend 6.38.0; its document lags behind';

/** Everything else is a failure. What is no longer needed is one, too. */
export const allowances: readonly Allowance[] = [
  { operation: 'supabase GET /v1/projects/{ref}', place: 'response 400', problem: STATUS, because: recorded },
  { operation: 'supabase GET /v1/projects/{ref}', place: 'response 404', problem: STATUS, because: refusal },
  { operation: 'supabase DELETE /v1/projects/{ref}', place: 'response 200', problem: has('slug'), because: recorded },
  { operation: 'supabase POST /v1/projects', place: 'response 400', problem: STATUS, because: refusal },
  {
    operation: 'supabase GET /v1/projects/{ref}/api-keys/{id}',
    place: 'response 404',
    problem: STATUS,
    because: refusal,
  },
  { operation: 'supabase POST /v1/projects/{ref}/restore', place: 'response 400', problem: STATUS, because: refusal },
  { operation: 'supabase GET /v1/projects/{ref}/config/auth', place: 'response 540', problem: STATUS, because: paused },
  {
    operation: 'supabase POST /v1/projects/{ref}/database/query',
    place: 'response 400',
    problem: STATUS,
    because: recorded,
  },
  {
    operation: 'supabase POST /v1/projects/{ref}/database/query/read-only',
    place: 'response 400',
    problem: STATUS,
    because: recorded,
  },
  { operation: 'vercel GET /v7/deployments', place: 'operation', problem: /^is in no document$/, because: sdk },
  {
    operation: 'vercel POST /v1/projects/*/rollback/*',
    place: 'operation',
    problem: /^is in no document$/,
    because: sdk,
  },
  { operation: 'vercel GET /v9/projects/{idOrName}', place: 'response 404', problem: STATUS, because: refusal },
  { operation: 'vercel DELETE /v9/projects/{idOrName}', place: 'response 404', problem: STATUS, because: refusal },
  ...['POST /v11/projects', 'GET /v9/projects/{idOrName}', 'PATCH /v9/projects/{idOrName}', 'GET /v10/projects'].map(
    (name) => ({ operation: `vercel ${name}`, place: 'response 200', problem: has('alias'), because: sdk }),
  ),
  ...['POST /v11/projects', 'GET /v9/projects/{idOrName}', 'GET /v10/projects'].map((name) => ({
    operation: `vercel ${name}`,
    place: 'response 200',
    problem: has('previewDeploymentsDisabled'),
    because: previews,
  })),
  {
    operation: 'resend GET /emails/{email_id}',
    place: 'response 200',
    problem: has('tags', 'scheduled_at'),
    because: mail,
  },
  {
    operation: 'resend GET /emails/{email_id}',
    place: 'response 200',
    problem: /^\/html must be string$/,
    because: `null for a mail without an HTML part: ${mail}`,
  },
  { operation: 'resend GET /emails', place: 'response 200', problem: has('scheduled_at'), because: mail },
  { operation: 'resend GET /emails/{email_id}', place: 'response 404', problem: STATUS, because: refusal },
  { operation: 'resend POST /emails', place: 'response 422', problem: STATUS, because: refusal },
];

/** Whether `allowance` is about `finding`. */
export function covers({ operation, place, problem }: Allowance, finding: Finding): boolean {
  return operation === finding.operation && place === finding.place && problem.test(finding.problem);
}
