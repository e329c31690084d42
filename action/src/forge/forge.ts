import type { ProviderError } from '../engine/errors.ts';

/** A commit as the forge tells of it. */
export interface Commit {
  readonly sha: string;
  readonly tree: string;
  /** The first is what it was made on. */
  readonly parents: readonly string[];
  readonly message: string;
  /** When it was committed, ISO 8601: by the platform's clock where it made the commit itself. */
  readonly at: string;
}

/** A plain file of a commit; links and submodules are none. */
export interface TreeFile {
  readonly path: string;
  /** The name that git gives its content. */
  readonly sha: string;
  /** In bytes. */
  readonly size?: number;
}

export interface NewCommit {
  readonly message: string;
  readonly parents: readonly string[];
  /** The tree that `files` are laid over; an empty one when absent. */
  readonly tree?: string;
  /** Whole texts by path; `null` removes. */
  readonly files: Readonly<Record<string, string | null>>;
}

/** How moving a ref ended. `refused`: a rule of the branch or the token's permissions forbid it, and will tomorrow. */
export type Moved = 'moved' | 'diverged' | { readonly refused: ProviderError };

/**
 * The repository behind the control room. Nothing here is ever forced: a ref moves to what was made on top of it or not
 * at all, which is what leases and records rest on. Refs are named without `refs/`, as `heads/main`.
 */
export interface GitData {
  defaultBranch(): Promise<string>;
  /** The commit that a ref stands at; `undefined` when there is no such ref. */
  head(ref: string): Promise<string | undefined>;
  commit(sha: string): Promise<Commit>;
  /** Every plain file of a commit. Rejects rather than give a list that is not whole. */
  files(commit: string): Promise<readonly TreeFile[]>;
  /** The content of a file as UTF-8 text, by the sha of `TreeFile`. */
  text(sha: string): Promise<string>;
  /** Whether a commit can be reached from another one, or is it; false where either is gone. */
  isBehind(commit: string, other: string): Promise<boolean>;
  /** Writes a commit that no ref knows yet, without author fields, so that the platform signs it. Gives its sha. */
  write(commit: NewCommit): Promise<string>;
  createRef(ref: string, sha: string): Promise<'created' | 'exists'>;
  moveRef(ref: string, sha: string): Promise<Moved>;
  /** Already gone is success. */
  deleteRef(ref: string): Promise<void>;
}

export interface PullRequest {
  readonly number: number;
  readonly url: string;
  readonly title: string;
  readonly body: string;
  /** Login of who opened it. */
  readonly author: string;
  readonly state: 'open' | 'closed';
  readonly merged: boolean;
  /** `repository` as owner/name; absent when the fork is gone. */
  readonly head: { readonly ref: string; readonly sha: string; readonly repository?: string };
  readonly base: { readonly ref: string; readonly sha: string };
  /** While open the commit that a merge would make, after that the one it made; absent when it conflicts or is not known yet. */
  readonly mergeCommit?: string;
  /** Whether it merges without a conflict; absent while GitHub has not found out, which begins with the first reading. */
  readonly mergeable?: boolean;
}

export interface NewPull {
  /** Branches of this repository. */
  readonly head: string;
  readonly base: string;
  readonly title: string;
  readonly body: string;
}

export interface Pulls {
  read(number: number): Promise<PullRequest>;
  /** Open ones: of one head branch of this repository, and into one base branch, where those are named. */
  open(head?: string, base?: string): Promise<readonly PullRequest[]>;
  /** Those that brought a commit into its branch. */
  ofCommit(sha: string): Promise<readonly PullRequest[]>;
  /** Opens it, or finds the one that is open for the same branches: however often it is called, there is one. */
  ensure(pull: NewPull): Promise<{ readonly pull: PullRequest; readonly opened: boolean }>;
}

export interface Comments {
  /**
   * One comment of ours that begins with the marker: created, or changed when it says something else. Of several that
   * runs at the same time made, the first stays. `body` is Markdown of at most 60,000 characters, the marker not included.
   * With `if-there` none is begun: what has nothing to say only takes back what was said before. With `instead` it takes
   * only the place of one that holds those words.
   */
  ensure(
    issue: number,
    marker: string,
    body: string,
    how?: 'always' | 'if-there' | { readonly instead: string },
  ): Promise<void>;
}

/** A remark on lines of a file. */
export interface Annotation {
  readonly path: string;
  readonly startLine: number;
  readonly endLine: number;
  readonly level: 'failure' | 'warning' | 'notice';
  readonly title: string;
  readonly message: string;
}

export type Conclusion = 'success' | 'failure' | 'neutral' | 'action_required';

export interface Check {
  /** The commit it speaks of. */
  readonly sha: string;
  readonly name: string;
  /** Absent while it is under way. */
  readonly conclusion?: Conclusion;
  readonly title: string;
  /** Markdown of at most 65,535 characters. */
  readonly summary: string;
  readonly annotations?: readonly Annotation[];
}

export interface Checks {
  /** One check of that name on that commit; annotations are sent with the conclusion, fifty a call. */
  ensure(check: Check): Promise<void>;
  /** Ends the check of that name where there is one that is still under way. */
  finish(check: Check): Promise<void>;
}

/** An issue of ours, told from others by its key. */
export interface KeyedIssue {
  readonly key: string;
  readonly number: number;
  readonly url: string;
  /** Below the key. */
  readonly body: string;
}

export interface Issues {
  /** Every open issue of ours. */
  open(): Promise<readonly KeyedIssue[]>;
  /** The open issue of that key with that text: opened, or changed when it says something else. */
  ensure(issue: {
    readonly key: string;
    readonly title: string;
    readonly body: string;
  }): Promise<KeyedIssue & { readonly opened: boolean }>;
  /** Says `comment` and closes it; none of that key is success. */
  close(key: string, comment: string): Promise<void>;
  /** Says `comment` on an issue or pull request; for the doors that people come through. */
  say(number: number, comment: string): Promise<void>;
}

export interface DeploymentReport {
  readonly ref: string;
  /** As `agency/acme-studio`. */
  readonly environment: string;
  readonly state: 'in_progress' | 'success' | 'failure';
  /** Where it answers. */
  readonly url?: string;
  /** At most 140 characters. */
  readonly description: string;
  /** Where the run can be read. */
  readonly logUrl?: string;
}

export interface Deployments {
  /** Begins a deployment record, or goes on with the one that this process began for that environment. */
  report(report: DeploymentReport): Promise<void>;
  /** The environments of the records that a run began for a commit and that are still under way. */
  underWay(run: { readonly sha: string; readonly logUrl: string }): Promise<readonly string[]>;
}

/** GitHub as a port. The axis: whose repository, and as whom: GITHUB_TOKEN or an App. */
export interface Forge {
  /** `owner/name`. */
  readonly repository: string;
  /** Where people look at it, as https://github.com/owner/name; without a slash at its end. */
  readonly url: string;
  readonly git: GitData;
  readonly pulls: Pulls;
  readonly comments: Comments;
  readonly checks: Checks;
  readonly issues: Issues;
  readonly deployments: Deployments;
}
