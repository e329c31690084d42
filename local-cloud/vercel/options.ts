import { createHash } from 'node:crypto';

/** A GitHub repository as Vercel's GitHub App sees it. */
export interface Repository {
  /** Branch or tag -> the 40 hex digits of its commit. */
  readonly refs: Readonly<Record<string, string>>;
  /** Commits whose build ends in ERROR. */
  readonly brokenShas?: readonly string[];
  /** Commits that Vercel refuses to build (its author is no member of the team): BLOCKED. */
  readonly blockedShas?: readonly string[];
  /** Commits that build, but whose production alias cannot be assigned. */
  readonly aliasErrorShas?: readonly string[];
  /** GitHub's number for it; derived from the name when left out. */
  readonly repoId?: number;
}

/** How long things take, in vendor milliseconds. */
export interface VercelTiming {
  /** From the request to READY. Default 45 s. */
  readonly buildMs: number;
  /** From READY until the production alias points at it. Default 1.5 s. */
  readonly aliasMs: number;
  /** How long a project refuses a second env write. Default 50 ms. */
  readonly envWriteMs: number;
  /** How long a custom domain's DNS stays misconfigured. Default 60 s. */
  readonly dnsMs: number;
}

/** What the local cloud decides about its Vercel. */
export interface VercelOptions {
  /** The only token that is accepted. */
  readonly token: string;
  readonly team: { readonly id: string; readonly slug: string; readonly name: string };
  /** By `owner/name`. Default: `example/agency-app`. */
  readonly repositories?: Readonly<Record<string, Repository>>;
  /** Hosts under vercel.app that strangers hold already. */
  readonly takenHosts?: readonly string[];
  /** Apex domains that another Vercel account has verified: ours start unverified. */
  readonly foreignApexes?: readonly string[];
  readonly timing?: Partial<VercelTiming>;
  /** What `save()` gave before the restart. */
  readonly saved?: unknown;
}

export const defaultTiming: VercelTiming = { buildMs: 45_000, aliasMs: 1_500, envWriteMs: 50, dnsMs: 60_000 };

/** Everything at once, for tests: states still need several looks to change. */
export const instantTiming: VercelTiming = { buildMs: 0, aliasMs: 0, envWriteMs: 0, dnsMs: 0 };

/** The commit that a ref of an emulated repository stands for: the same 40 hex digits on every machine. */
export function commitOf(repository: string, ref: string): string {
  return createHash('sha1').update(`${repository}@${ref}`).digest('hex');
}

/** The number that stands for a repository in `gitSource.repoId`. */
export function repositoryId(name: string, repository: Repository): number {
  return repository.repoId ?? createHash('sha1').update(name).digest().readUInt32BE(0) % 1_000_000_000;
}

const app = 'example/agency-app';
const released = ['main', 'v1.0.0', 'v1.1.0', 'v1.2.0', 'v1.3.0', 'v1.4.0'];
const broken = 'broken-build';

/** The sample app: `main`, its releases, and a branch whose build fails. */
export const defaultRepositories: Readonly<Record<string, Repository>> = {
  [app]: {
    refs: Object.fromEntries([...released, broken].map((ref) => [ref, commitOf(app, ref)])),
    brokenShas: [commitOf(app, broken)],
  },
};
