import type { ProvisionerError } from '../engine/errors.ts';
import { oneLine } from '../lib/one-line.ts';
import { redact } from '../lib/redact.ts';

/** Which door a request came through, and so where its answer goes. */
export type Source =
  | { readonly door: 'database' }
  | { readonly door: 'dispatch' }
  | { readonly door: 'issue'; readonly number: number }
  | { readonly door: 'command line' };

/** A request for an agency that somebody approved. Every text is foreign. */
export interface AgencyRequest {
  /** The same however often it is asked: it names the branch, and becomes `spec.requestId`. */
  readonly id: string;
  readonly agencyName: string;
  readonly ownerName: string;
  readonly ownerEmail: string;
  readonly region?: string;
  /** For whoever reviews; used for nothing else. */
  readonly notes?: string;
  /** Exactly this one, for who types it; made from the name when absent. */
  readonly slug?: string;
  /** Tag, branch or commit of the app; the fleet's when absent. */
  readonly ref?: string;
  /** The pull request that it is known to have become. */
  readonly pullRequestUrl?: string;
  readonly source: Source;
}

/** A request that cannot be read, or not as it is. */
export interface Refusal {
  readonly id: string;
  readonly source: Source;
  readonly error: ProvisionerError;
}

/** What went wrong and what to do next, as one redacted line for the company's database or an issue. */
export function sentenceOf({ message, remedy }: ProvisionerError): string {
  const why = oneLine(message);
  return redact(`${why}${/[.!?]$/.test(why) ? '' : '.'} Next: ${oneLine(remedy)}`);
}

/** The branch of a request; the manifest's rules let only such ids pass as may stand in a ref. */
export function branchOf(id: string): string {
  return `onboard/${id}`;
}
