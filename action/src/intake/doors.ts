import type { ControlPlane, OnboardingRequest } from '../control-plane/control-plane.ts';
import { BlockedError, classify, ManifestError } from '../engine/errors.ts';
import type { ReadIssue } from '../forge/read-issue.ts';
import { oneLine } from '../lib/one-line.ts';
import type { Asked } from './asked.ts';
import { idOfDispatch, requestOfDispatch } from './dispatch.ts';
import { APPROVED_LABEL, readIssueForm } from './issue-form.ts';
import type { AgencyRequest, Refusal } from './request.ts';

export interface DoorPorts {
  readonly controlPlane?: Pick<ControlPlane, 'request' | 'requests'> | undefined;
  /** `undefined` when there is no such issue, or it is a pull request. */
  issue(number: number): Promise<ReadIssue | undefined>;
}

/** Requests, and what could not be read of them: one bad row stops nobody else. */
export type Knock = AgencyRequest | Refusal;

/**
 * The requests that a run was called for, each the same value whatever door it came through. Throws BlockedError for
 * what is not there or not approved.
 */
export async function knocks(asked: Asked, ports: DoorPorts): Promise<readonly Knock[]> {
  const { typed, issue, dispatch = {} } = asked;
  if (typed) return [typed];
  if (issue !== undefined) return [await throughIssue(issue, ports)];
  const id = asked.request ?? idOfDispatch(dispatch);
  const isDispatched = Object.keys(dispatch).length > 0;
  if (!ports.controlPlane && isDispatched) return [requestOfDispatch(dispatch)];
  if (id !== undefined) return fromDatabase(id, ports);
  if (isDispatched) throw nameless();
  return sweep(ports);
}

/** Without a database there is nothing to look for. */
async function sweep({ controlPlane }: DoorPorts): Promise<readonly Knock[]> {
  const useless: Refusal[] = [];
  const rows = await controlPlane?.requests(['approved'], ({ id, message, remedy }) => {
    useless.push({ id, source: { door: 'database' }, error: new ManifestError(message, remedy) });
  });
  return [...(rows ?? []).map(fromRow), ...useless];
}

async function fromDatabase(id: string, { controlPlane }: DoorPorts): Promise<readonly AgencyRequest[]> {
  if (!controlPlane) {
    throw new BlockedError(
      `the request ${oneLine(id)} cannot be looked up: the company’s database is not configured`,
      'Set CONTROL_PLANE_SUPABASE_URL and CONTROL_PLANE_SUPABASE_SECRET_KEY, or send the whole request with the dispatch.',
    );
  }
  const row = await controlPlane.request(id);
  if (!row) {
    throw new BlockedError(
      `there is no onboarding request ${oneLine(id)} in the company’s database`,
      'Call it with an id of agency_onboarding_requests.',
    );
  }
  if (row.state === 'pending' || row.state === 'failed') {
    throw new BlockedError(
      `the onboarding request ${oneLine(id)} is ${row.state}, not approved`,
      'Set its status to approved once somebody decided so, and run again.',
    );
  }
  // Somebody provisions it already, or did.
  return row.state === 'approved' ? [fromRow(row)] : [];
}

function fromRow({ id, agencyName, ownerName, ownerEmail, region, pullRequestUrl }: OnboardingRequest): AgencyRequest {
  return {
    id,
    agencyName,
    ownerName,
    ownerEmail,
    ...(region !== undefined && { region }),
    ...(pullRequestUrl !== undefined && { pullRequestUrl }),
    source: { door: 'database' },
  };
}

/** Read anew, label and text: an event file is as old as its run, and the label may have been taken off since. */
async function throughIssue(number: number, ports: DoorPorts): Promise<Knock> {
  const issue = await ports.issue(number);
  if (!issue) {
    throw new BlockedError(`there is no issue ${number}`, 'Call it with the number of an issue of this repository.');
  }
  if (!issue.labels.includes(APPROVED_LABEL)) {
    throw new BlockedError(
      `issue ${number} does not bear the label ${APPROVED_LABEL}`,
      `Whoever may approve it gives it the label ${APPROVED_LABEL}.`,
    );
  }
  const id = `issue-${number}`;
  const source = { door: 'issue', number } as const;
  try {
    return { id, ...readIssueForm(issue.body), source };
  } catch (thrown) {
    if (thrown instanceof ManifestError) return { id, source, error: classify(thrown) };
    throw thrown;
  }
}

function nameless(): ManifestError {
  return new ManifestError(
    'the dispatch names no request',
    'Send client_payload with request_id, the id of a row of agency_onboarding_requests.',
  );
}
