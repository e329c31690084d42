import type { RequestProgress } from '../control-plane/control-plane.ts';
import { restIn } from '../engine/conditions.ts';
import type { ProvisionerError } from '../engine/errors.ts';
import { resultOf, type Stamped } from '../engine/events.ts';
import { sha256 } from '../lib/digest.ts';
import type { ControlRoom } from '../manifest/load.ts';
import type { Status } from '../manifest/schema.ts';
import type { AgencyReport, RunReport } from '../outcome.ts';
import { foreignText } from '../providers/foreign-text.ts';

/** An agency of the control room that came from an onboarding request. */
export interface Resident {
  readonly slug: string;
  readonly requestId: string;
  readonly status: Status | undefined;
}

/** Every agency that names a request and whose manifest can be read. */
export function residentsOf(room: ControlRoom | undefined): Resident[] {
  return (room?.agencies ?? []).flatMap(({ slug, manifest }) => {
    const requestId = manifest?.spec.requestId;
    return requestId === undefined ? [] : [{ slug, requestId, status: manifest?.status }];
  });
}

/** The request as the database writes its id. */
export function keyOf(requestId: string): string {
  return requestId.toLowerCase();
}

/** Its owner was told of an instance that they can sign in to: the request is fulfilled, whatever comes later. */
export function isFulfilled(status: Status | undefined): boolean {
  return status?.completedAt !== undefined;
}

/** Fulfilled, and well by the last record. */
export function isWell(status: Status | undefined): status is Status {
  const isReady = status?.conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True');
  return isFulfilled(status) && isReady === true;
}

/** All that was wished of it was done, by the last record: it is well or at rest, and nothing is under way or wrong. */
export function isSettled(status: Status | undefined): boolean {
  const conditions = status?.conditions ?? [];
  const isTroubled = conditions.some(({ type, status: is }) => /^(Reconciling|Stalled)$/.test(type) && is === 'True');
  return !isTroubled && (isWell(status) || restIn(conditions) !== undefined);
}

/** Why the request of an agency that was put to rest before it was fulfilled comes to nothing, and what can be done. */
export function restedEarly(status: Status | undefined): string | undefined {
  const rest = isFulfilled(status) ? undefined : restIn(status?.conditions ?? []);
  if (!rest) return undefined;
  const remedy =
    rest.reason === 'Destroyed'
      ? 'Whoever still wants it asks anew.'
      : 'If it is still wanted, merge lifecycle: active in its manifest.';
  return `put to rest before it was ever ready: ${foreignText(rest.reason.toLowerCase())}\n${remedy}`;
}

/** One job for each run over a request: a UUID of version 8, https://www.rfc-editor.org/rfc/rfc9562#section-5.8 */
export function jobIdOf(requestId: string, runId: string): string {
  const hex = sha256(JSON.stringify([requestId, runId])).slice('sha256:'.length);
  const variant = '89ab'.charAt(Number.parseInt(hex.charAt(16), 16) % 4);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Whether `jobIdOf` may have made it: the company's own jobs in the same table are none of ours to end. */
export function isJobId(id: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i.test(id);
}

const LONGEST_STEP = 200;

/** What moves now, for people; `undefined` for an event that moves nothing. */
export function stepOf(event: Stamped): string | undefined {
  if (event.type === 'started') return foreignText(`${event.address}: ${event.action}`, LONGEST_STEP);
  if (event.type === 'waiting') return foreignText(`${event.address}: waiting for ${event.on}`, LONGEST_STEP);
  return undefined;
}

/** How an agency stands at the end of a run, seen from its request. */
export type Standing =
  | { readonly is: 'deployed'; readonly status: Status }
  | { readonly is: 'failed'; readonly message: string }
  | { readonly is: 'rested'; readonly message: string }
  | { readonly is: 'open'; readonly on?: string };

export function standingAfter({ agencies, error }: RunReport, slug: string): Standing {
  const report = agencies.find((one) => one.slug === slug);
  const trouble = error ?? troubleIn(report);
  const result = error ? resultOf(error.class) : report?.result;
  if (result === 'failed' || result === 'blocked') {
    return { is: 'failed', message: trouble ? messageOf(trouble) : (report?.why ?? result) };
  }
  const status = report?.status;
  if (result === 'done' || result === 'unchanged') {
    if (status && isFulfilled(status)) return { is: 'deployed', status };
    const message = restedEarly(status);
    if (message !== undefined) return { is: 'rested', message };
  }
  return trouble ? { is: 'open', on: foreignText(trouble.message) } : { is: 'open' };
}

/** What is recorded of an agency after the run; nothing new where the record was refused. */
export function statusAfter({ agencies, error }: RunReport, slug: string): Status | undefined {
  return error ? undefined : agencies.find((one) => one.slug === slug)?.status;
}

/** The error that decided how the agency ended. */
function troubleIn(report: AgencyReport | undefined): ProvisionerError | undefined {
  const errors = report?.execution?.outcomes.flatMap(({ error }) => error ?? []) ?? [];
  return report?.error ?? errors.find((error) => resultOf(error.class) === report?.result) ?? errors[0];
}

/** Cause and remedy, a line each. */
function messageOf({ message, remedy }: ProvisionerError): string {
  return `${foreignText(message)}\n${foreignText(remedy)}`;
}

/** What the request's row shows of an agency that is deployed. */
export function deployed(slug: string, status: Status): RequestProgress {
  const { startedAt, completedAt } = status;
  return {
    state: 'deployed',
    slug,
    ...whereabouts(status),
    errorMessage: null,
    ...(startedAt !== undefined && { startedAt }),
    ...(completedAt !== undefined && { completedAt }),
  };
}

/** What the request's row shows of an agency that was put to rest before it was fulfilled. */
export function rested(slug: string, status: Status | undefined, errorMessage: string): RequestProgress {
  return { state: 'failed', slug, ...whereabouts(status), errorMessage };
}

/** What is there of it so far. */
export function whereabouts(status: Status | undefined): RequestProgress {
  const url = status?.outputs.instanceUrl;
  const project = status?.resources['supabase.project']?.id;
  const app = status?.resources['vercel.project']?.id;
  return {
    ...(url !== undefined && { instanceUrl: url }),
    ...(project !== undefined && { supabaseProjectId: project }),
    ...(app !== undefined && { vercelProjectId: app }),
  };
}
