import type { Commit, Person } from '../git/commits.ts';
import type { FileChange } from '../git/diff.ts';
import type { Repository } from '../state.ts';
import { isoOf, type World } from '../world.ts';
import { apiUrl, nodeId, pageUrl, userView } from './common.ts';
import type { Rest, View } from './types.ts';

/** Mail addresses that GitHub gives its accounts; commits are told to be theirs by them. */
export function noreplyAddress(world: World, login: string): string {
  return `${world.account(login).id}+${login}@users.noreply.github.com`;
}

function accountOf(world: World, { email }: Person) {
  const login = /^\d+\+(.+)@users\.noreply\.github\.com$/.exec(email)?.[1];
  return login !== undefined && world.knows(login) ? userView(world, login) : null;
}

function personView({ name, email, at }: Person) {
  return { name, email, date: isoOf(at) };
}

function verification(repository: Repository, commit: Commit) {
  const verified = repository.signed.includes(commit.sha);
  return {
    verified,
    reason: verified ? 'valid' : 'unsigned',
    signature: verified ? '-----BEGIN PGP SIGNATURE-----\n\nlocal forge\n-----END PGP SIGNATURE-----\n' : null,
    payload: verified ? `tree ${commit.tree}\n` : null,
    verified_at: verified ? isoOf(commit.committer.at) : null,
  };
}

/** As `GET /repos/{owner}/{repo}/git/commits/{sha}` gives it. */
export function gitCommitView(world: World, repository: Repository, commit: Commit) {
  const { sha } = commit;
  return {
    sha,
    node_id: nodeId('Commit', sha),
    url: apiUrl(world, repository, `/git/commits/${sha}`),
    html_url: pageUrl(world, repository, `/commit/${sha}`),
    author: personView(commit.author),
    committer: personView(commit.committer),
    tree: { sha: commit.tree, url: apiUrl(world, repository, `/git/trees/${commit.tree}`) },
    message: commit.message,
    parents: commit.parents.map((parent) => parentView(world, repository, parent, '/git')),
    verification: verification(repository, commit),
  } satisfies View<Rest['git']['getCommit']>;
}

function parentView(world: World, repository: Repository, sha: string, under: string) {
  return {
    sha,
    url: apiUrl(world, repository, `${under}/commits/${sha}`),
    html_url: pageUrl(world, repository, `/commit/${sha}`),
  };
}

/** As lists of commits give it. */
export function commitView(world: World, repository: Repository, commit: Commit) {
  const { sha } = commit;
  return {
    sha,
    node_id: nodeId('Commit', sha),
    url: apiUrl(world, repository, `/commits/${sha}`),
    html_url: pageUrl(world, repository, `/commit/${sha}`),
    comments_url: apiUrl(world, repository, `/commits/${sha}/comments`),
    commit: {
      url: apiUrl(world, repository, `/git/commits/${sha}`),
      author: personView(commit.author),
      committer: personView(commit.committer),
      message: commit.message,
      tree: { sha: commit.tree, url: apiUrl(world, repository, `/git/trees/${commit.tree}`) },
      comment_count: 0,
      verification: verification(repository, commit),
    },
    author: accountOf(world, commit.author),
    committer: accountOf(world, commit.committer),
    parents: commit.parents.map((parent) => parentView(world, repository, parent, '')),
  } satisfies View<Rest['repos']['listCommits']>[number];
}

export function fileView(world: World, repository: Repository, ref: string, file: FileChange) {
  const path = file.path.split('/').map(encodeURIComponent).join('/');
  return {
    sha: file.sha,
    filename: file.path,
    status: file.status,
    additions: file.additions,
    deletions: file.deletions,
    changes: file.additions + file.deletions,
    blob_url: pageUrl(world, repository, `/blob/${ref}/${path}`),
    raw_url: pageUrl(world, repository, `/raw/${ref}/${path}`),
    contents_url: apiUrl(world, repository, `/contents/${path}?ref=${ref}`),
    ...(file.patch !== undefined && { patch: file.patch }),
    ...(file.previousPath !== undefined && { previous_filename: file.previousPath }),
  } satisfies View<Rest['pulls']['listFiles']>[number];
}

export function statsOf(files: readonly FileChange[]) {
  const additions = files.reduce((sum, file) => sum + file.additions, 0);
  const deletions = files.reduce((sum, file) => sum + file.deletions, 0);
  return { additions, deletions, total: additions + deletions };
}
