import type { Payload } from './dispatch.ts';
import type { AgencyRequest } from './request.ts';

/** What a run of intake was called for. With nothing in it, it looks for all that is approved. */
export interface Asked {
  /** The id of a row in the company's database. */
  readonly request?: string;
  /** The number of an issue that was made with the form. */
  readonly issue?: number;
  /** `client_payload` of a repository_dispatch. */
  readonly dispatch?: Payload;
  /** A whole request from the command line. */
  readonly typed?: AgencyRequest;
}

/** What somebody types to ask for an agency. */
export interface Typed {
  readonly slug: string;
  readonly name: string;
  readonly owner: { readonly email: string; readonly name?: string | undefined };
  readonly region?: string | undefined;
  readonly ref?: string | undefined;
  /** The onboarding request that it is for, when there is one. */
  readonly requestId?: string | undefined;
}

/** The same words make the same request, so that typing them twice makes one pull request. */
export function typedRequest({ slug, name, owner, region, ref, requestId }: Typed): AgencyRequest {
  return {
    id: requestId ?? `cli-${slug}`,
    agencyName: name,
    ownerName: owner.name ?? name,
    ownerEmail: owner.email,
    slug,
    ...(region !== undefined && { region }),
    ...(ref !== undefined && { ref }),
    source: { door: 'command line' },
  };
}
