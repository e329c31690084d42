import * as z from 'zod';
import { oneLine } from '../lib/one-line.ts';
import type {
  JobProgress,
  OnboardingRequest,
  OpenJob,
  RequestProgress,
  RequestState,
  UnusableRequest,
} from './control-plane.ts';

/** What is read of a request, and nothing else: the rest is the company's. An id is text, whatever it is there. */
export const COLUMNS =
  'id::text, agency_name, owner_email, owner_name, region, status, slug, pull_request_url, created_at';

const STATES: readonly RequestState[] = ['pending', 'approved', 'provisioning', 'deployed', 'failed'];

const text = z.string().nullish().catch(undefined);
const rowSchema = z.object({
  id: z.string(),
  agency_name: text,
  owner_email: text,
  owner_name: text,
  region: text,
  status: text,
  slug: text,
  pull_request_url: text,
  created_at: text,
});

export type Row = z.output<typeof rowSchema>;

/** An answer of the Data API. Throws where even the ids are not what was asked for. */
export const rowsOf = (data: unknown): Row[] => z.array(rowSchema).parse(data);

/** What is read of a job. */
export const JOB_COLUMNS = 'id::text, request_id::text, status::text';

export const OPEN: readonly OpenJob['state'][] = ['pending', 'in_progress'];

const jobSchema = z.object({ id: z.string(), request_id: z.string(), status: z.enum(OPEN) });

/** Jobs that were asked for by their request and by these states. */
export function openJobsOf(data: unknown): OpenJob[] {
  const rows = z.array(jobSchema).parse(data);
  return rows.map(({ id, request_id: requestId, status: state }) => ({ id, requestId, state }));
}

/** The request that a row holds, or why it is of no use. */
export function requestOf(row: Row): OnboardingRequest | { readonly unusable: UnusableRequest } {
  const { id } = row;
  const [agencyName, ownerEmail] = [row.agency_name, row.owner_email].map(said);
  const state = STATES.find((known) => known === row.status);
  if (agencyName === undefined) return lacks(id, 'agency_name');
  if (ownerEmail === undefined) return lacks(id, 'owner_email');
  if (state === undefined) return unknownStatus(row);
  const [ownerName, region, slug, pullRequestUrl] = [row.owner_name, row.region, row.slug, row.pull_request_url].map(
    said,
  );
  return {
    id,
    agencyName,
    ownerEmail,
    // Whoever asks for no name can be greeted by their agency's.
    ownerName: ownerName ?? agencyName,
    state,
    ...(region !== undefined && { region }),
    ...(slug !== undefined && { slug }),
    ...(pullRequestUrl !== undefined && { pullRequestUrl }),
  };
}

/** Oldest first; the id decides between equals, so that the order is the same each time. */
export function byAge(a: Row, b: Row): number {
  const [at, bt] = [a.created_at, b.created_at].map((time) => Date.parse(time ?? '') || 0);
  return (at ?? 0) - (bt ?? 0) || (a.id < b.id ? -1 : 1);
}

function said(value: string | null | undefined): string | undefined {
  const trimmed = value?.trim();
  return trimmed === '' ? undefined : trimmed;
}

function lacks(id: string, column: string) {
  const message = `the onboarding request ${oneLine(id)} has no ${column}`;
  return { unusable: { id, message, remedy: `Fill ${column} in its row of agency_onboarding_requests.` } };
}

function unknownStatus({ id, status }: Row) {
  const message = `the onboarding request ${oneLine(id)} has the status "${oneLine(status ?? '')}"`;
  return { unusable: { id, message, remedy: `Set its status to one of ${STATES.join(', ')}.` } };
}

/** What the migration tried out: longer text is refused by a column that holds no more. */
const LONGEST = { message: 1_000, step: 200 } as const;

/** The columns of a request that are to change. */
export function requestColumns(progress: RequestProgress): Record<string, string | null> {
  const { state, slug, pullRequestUrl, instanceUrl, supabaseProjectId, vercelProjectId, startedAt, completedAt } =
    progress;
  return given({
    status: state,
    slug,
    pull_request_url: pullRequestUrl,
    instance_url: instanceUrl,
    supabase_project_id: supabaseProjectId,
    vercel_project_id: vercelProjectId,
    error_message: storable(progress.errorMessage, LONGEST.message),
    provisioning_started_at: startedAt,
    provisioning_completed_at: completedAt,
  });
}

/** The columns of a job that are to change. */
export function jobColumns(job: Omit<JobProgress, 'id' | 'requestId'>): Record<string, string | null> {
  const { state, currentStep, errorMessage, startedAt, completedAt } = job;
  return given({
    status: state,
    current_step: storable(currentStep, LONGEST.step),
    error_message: storable(errorMessage, LONGEST.message),
    started_at: startedAt,
    completed_at: completedAt,
  });
}

function given(columns: Readonly<Record<string, string | null | undefined>>): Record<string, string | null> {
  const there = Object.entries(columns).filter((entry): entry is [string, string | null] => entry[1] !== undefined);
  return Object.fromEntries(there);
}

/** PostgreSQL takes neither NUL nor half a surrogate pair; a message that holds one must not stay untold. */
function storable(value: string | null | undefined, longest: number): string | null | undefined {
  if (value === null || value === undefined) return value;
  const whole = [...value.replaceAll('\u0000', '').replace(/\p{Surrogate}/gu, '�')];
  return whole.length <= longest ? whole.join('') : `${whole.slice(0, longest - 1).join('')}…`;
}
