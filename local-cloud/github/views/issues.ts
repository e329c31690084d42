import { type Comment, type Issue, isPull, type PullRequest, type Repository } from '../state.ts';
import { ownerOf, type World } from '../world.ts';
import { apiUrl, appView, labelView, nodeId, pageUrl, repositoryView, userView } from './common.ts';
import type { Rest, View } from './types.ts';

export function association(repository: Repository, login: string) {
  if (ownerOf(repository) === login) return 'OWNER';
  return repository.collaborators.includes(login) ? 'COLLABORATOR' : 'NONE';
}

export function issueView(world: World, repository: Repository, issue: Issue) {
  const { number } = issue;
  const url = apiUrl(world, repository, `/issues/${number}`);
  const html = pageUrl(world, repository, `/${isPull(issue) ? 'pull' : 'issues'}/${number}`);
  return {
    id: issue.id,
    node_id: nodeId('Issue', issue.id),
    url,
    repository_url: apiUrl(world, repository),
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    html_url: html,
    number,
    state: issue.state,
    state_reason: issue.stateReason,
    title: issue.title,
    body: issue.body,
    user: userView(world, issue.author),
    labels: issue.labels.map((name) => labelView(world, repository, name)),
    assignee: issue.assignees[0] === undefined ? null : userView(world, issue.assignees[0]),
    assignees: issue.assignees.map((login) => userView(world, login)),
    milestone: null,
    locked: false,
    comments: repository.comments.filter((comment) => comment.issue === number).length,
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    closed_at: issue.closedAt,
    closed_by: issue.closedBy === null ? null : userView(world, issue.closedBy),
    author_association: association(repository, issue.author),
    ...(isPull(issue) && {
      draft: issue.pull.draft,
      pull_request: {
        url: apiUrl(world, repository, `/pulls/${number}`),
        html_url: html,
        diff_url: `${html}.diff`,
        patch_url: `${html}.patch`,
        merged_at: issue.pull.mergedAt,
      },
    }),
  } satisfies View<Rest['issues']['get']>;
}

export function commentView(world: World, repository: Repository, comment: Comment) {
  const issue = repository.issues.find(({ number }) => number === comment.issue);
  const kind = issue !== undefined && isPull(issue) ? 'pull' : 'issues';
  return {
    id: comment.id,
    node_id: nodeId('IssueComment', comment.id),
    url: apiUrl(world, repository, `/issues/comments/${comment.id}`),
    html_url: pageUrl(world, repository, `/${kind}/${comment.issue}#issuecomment-${comment.id}`),
    issue_url: apiUrl(world, repository, `/issues/${comment.issue}`),
    user: userView(world, comment.author),
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    author_association: association(repository, comment.author),
    body: comment.body,
    performed_via_github_app: comment.app === null ? null : appView(world, comment.app),
  } satisfies View<Rest['issues']['getComment']>;
}

function endOf(world: World, name: string, ref: string, sha: string) {
  const repository = world.find(name);
  const owner = name.split('/')[0] ?? name;
  return {
    label: `${owner}:${ref}`,
    ref,
    sha,
    user: userView(world, owner),
    ...(repository !== undefined && { repo: repositoryView(world, repository) }),
  };
}

/** As lists of pull requests give it. */
export function pullView(world: World, repository: Repository, issue: PullRequest) {
  const { pull, number } = issue;
  const url = apiUrl(world, repository, `/pulls/${number}`);
  const { state_reason: _reason, closed_by: _by, comments: _comments, ...common } = issueView(world, repository, issue);
  return {
    ...common,
    node_id: nodeId('PullRequest', issue.id),
    url,
    issue_url: apiUrl(world, repository, `/issues/${number}`),
    commits_url: `${url}/commits`,
    diff_url: `${common.html_url}.diff`,
    patch_url: `${common.html_url}.patch`,
    statuses_url: apiUrl(world, repository, `/statuses/${pull.headSha}`),
    draft: pull.draft,
    merged_at: pull.mergedAt,
    merge_commit_sha: pull.mergeCommitSha ?? pull.trial?.sha ?? null,
    head: endOf(world, pull.headRepository, pull.headRef, pull.headSha),
    base: endOf(world, repository.name, pull.baseRef, pull.baseSha),
    auto_merge: null,
  };
}
