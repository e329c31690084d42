import { z } from 'zod';
import { type annotation, checkRun, commitStatus, deployment, type deploymentStatus } from './state-reports.ts';

const level = z.enum(['read', 'write']);

const account = z.object({ login: z.string(), id: z.number(), type: z.enum(['User', 'Bot', 'Organization']) });

const token = z.object({
  token: z.string(),
  login: z.string(),
  kind: z.enum(['person', 'actions', 'app']),
  /** `owner/name` of the only repository it may write to; null = all. */
  repository: z.string().nullable(),
  /** null = whatever its person may do. */
  permissions: z.record(z.string(), level).nullable(),
  /** Vendor milliseconds since 1970; null = never. */
  expiresAt: z.number().nullable(),
});

const pull = z.object({
  headRepository: z.string(),
  headRef: z.string(),
  headSha: z.string(),
  baseRef: z.string(),
  baseSha: z.string(),
  draft: z.boolean(),
  mergedAt: z.string().nullable(),
  mergedBy: z.string().nullable(),
  mergeCommitSha: z.string().nullable(),
  /**
   * The last trial merge, the base that it was last tried for, when it was made (vendor milliseconds since 1970), and
   * whether somebody was told its outcome: the first look after a change is told nothing.
   */
  trial: z
    .object({
      base: z.string(),
      head: z.string(),
      sha: z.string().nullable(),
      told: z.boolean(),
      at: z.number().default(0),
    })
    .nullable(),
});

const issue = z.object({
  id: z.number(),
  number: z.number(),
  title: z.string(),
  body: z.string().nullable(),
  author: z.string(),
  state: z.enum(['open', 'closed']),
  stateReason: z.enum(['completed', 'not_planned', 'reopened', 'duplicate']).nullable(),
  labels: z.array(z.string()),
  assignees: z.array(z.string()),
  createdAt: z.string(),
  updatedAt: z.string(),
  closedAt: z.string().nullable(),
  closedBy: z.string().nullable(),
  pull: pull.nullable(),
});

const comment = z.object({
  id: z.number(),
  issue: z.number(),
  author: z.string(),
  /** The slug of the app that wrote it. */
  app: z.string().nullable(),
  body: z.string(),
  createdAt: z.string(),
  updatedAt: z.string(),
});

const label = z.object({ id: z.number(), name: z.string(), color: z.string(), description: z.string().nullable() });

const protection = z.object({
  branch: z.string(),
  /** Both refuse the same; their messages differ. */
  kind: z.enum(['ruleset', 'branch']),
  pullRequest: z.boolean(),
  checks: z.array(z.string()),
  /** Logins that none of it holds for. */
  bypass: z.array(z.string()),
  /** The whole answer to what is refused, where it is not the violations: GitHub words some rules so. */
  says: z.string().optional(),
});

const repository = z.object({
  id: z.number(),
  name: z.string(),
  private: z.boolean(),
  defaultBranch: z.string(),
  /** What it is a fork of. */
  parent: z.string().nullable(),
  /** Who may push besides the owner. */
  collaborators: z.array(z.string()),
  actionsMayOpenPulls: z.boolean(),
  createdAt: z.string(),
  lastNumber: z.number(),
  issues: z.array(issue),
  comments: z.array(comment),
  labels: z.array(label),
  checkRuns: z.array(checkRun),
  statuses: z.array(commitStatus),
  deployments: z.array(deployment),
  protections: z.array(protection),
  /** Commits that the platform signed. */
  signed: z.array(z.string()),
});

const event = z.object({
  id: z.number(),
  name: z.string(),
  repository: z.string(),
  actor: z.string(),
  /** Whether workflows start: `approval` = once somebody with write access agrees. */
  runs: z.enum(['yes', 'no', 'approval']),
  /** GITHUB_REF of the runs. */
  ref: z.string(),
  /** GITHUB_SHA of the runs; null where there is nothing to run, as for a pull request that conflicts. */
  sha: z.string().nullable(),
  at: z.string(),
  payload: z.record(z.string(), z.unknown()),
});

export const stateSchema = z.object({
  lastId: z.number(),
  accounts: z.array(account),
  tokens: z.array(token),
  /** PEM; made when first asked for. */
  appKey: z.string().nullable(),
  repositories: z.array(repository),
  events: z.array(event),
});

export type State = z.infer<typeof stateSchema>;
export type Account = z.infer<typeof account>;
export type Token = z.infer<typeof token>;
export type Pull = z.infer<typeof pull>;
export type Issue = z.infer<typeof issue>;
export type PullRequest = Issue & { pull: Pull };
export type Comment = z.infer<typeof comment>;
export type Label = z.infer<typeof label>;
export type Annotation = z.infer<typeof annotation>;
export type CheckRun = z.infer<typeof checkRun>;
export type CommitStatus = z.infer<typeof commitStatus>;
export type Deployment = z.infer<typeof deployment>;
export type DeploymentStatus = z.infer<typeof deploymentStatus>;
export type Protection = z.infer<typeof protection>;
export type Repository = z.infer<typeof repository>;
export type ForgeEvent = z.infer<typeof event>;

export function emptyState(): State {
  return { lastId: 1_000, accounts: [], tokens: [], appKey: null, repositories: [], events: [] };
}

export function isPull(issue: Issue): issue is PullRequest {
  return issue.pull !== null;
}
