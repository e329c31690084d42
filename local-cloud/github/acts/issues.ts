import type { Actor } from '../actors.ts';
import { invalid } from '../answers.ts';
import { record } from '../events.ts';
import type { Comment, Issue, Label, Pull, Repository } from '../state.ts';
import { appOf } from '../views/common.ts';
import { commentView, issueView } from '../views/issues.ts';
import type { World } from '../world.ts';

/** https://docs.github.com/rest/issues/comments answers 422 beyond. */
const MAX_BODY = 65_536;
const MAX_TITLE = 256;

export interface IssueWish {
  readonly title: string;
  readonly body?: string | null | undefined;
}

/** Adds an issue, or a pull request when `pull` is given, under the next number. No event yet. */
export function newIssue(
  world: World,
  repository: Repository,
  actor: Actor,
  wish: IssueWish,
  pull: Pull | null,
): Issue {
  const resource = pull === null ? 'Issue' : 'PullRequest';
  checkTitle(resource, wish.title);
  checkBody(resource, wish.body ?? null);
  const now = world.now();
  repository.lastNumber += 1;
  const issue: Issue = {
    id: world.nextId(),
    number: repository.lastNumber,
    title: wish.title,
    body: wish.body ?? null,
    author: actor.login,
    state: 'open',
    stateReason: null,
    labels: [],
    assignees: [],
    createdAt: now,
    updatedAt: now,
    closedAt: null,
    closedBy: null,
    pull,
  };
  repository.issues.push(issue);
  return issue;
}

export function checkTitle(resource: string, title: string): void {
  if (title.trim() === '') throw invalid({ resource, field: 'title', code: 'missing_field' });
  if (title.length <= MAX_TITLE) return;
  const message = `title is too long (maximum is ${MAX_TITLE} characters)`;
  throw invalid({ resource, field: 'title', code: 'custom', message });
}

export function checkBody(resource: string, body: string | null): void {
  if (body === null || body.length <= MAX_BODY) return;
  const message = `body is too long (maximum is ${MAX_BODY} characters)`;
  throw invalid({ resource, field: 'body', code: 'custom', message });
}

export function checkComment(body: string): void {
  if (body.trim() === '') throw invalid({ resource: 'IssueComment', field: 'body', code: 'missing_field' });
  if (body.length <= MAX_BODY) return;
  const message = `Body is too long (maximum is ${MAX_BODY} characters)`;
  throw invalid({ resource: 'IssueComment', field: 'data', code: 'unprocessable', message });
}

export async function addComment(
  world: World,
  repository: Repository,
  actor: Actor,
  issue: Issue,
  body: string,
): Promise<Comment> {
  checkComment(body);
  const now = world.now();
  const { login } = actor;
  const comment = {
    id: world.nextId(),
    issue: issue.number,
    author: login,
    app: appOf(login),
    body,
    createdAt: now,
    updatedAt: now,
  };
  repository.comments.push(comment);
  issue.updatedAt = now;
  await recordComment(world, repository, actor, issue, comment, 'created');
  return comment;
}

export function recordComment(
  world: World,
  repository: Repository,
  actor: Actor,
  issue: Issue,
  comment: Comment,
  action: string,
  more: Record<string, unknown> = {},
): Promise<void> {
  const payload = {
    action,
    issue: issueView(world, repository, issue),
    comment: commentView(world, repository, comment),
    ...more,
  };
  return record(world, repository, actor, { name: 'issue_comment', payload });
}

export function recordIssue(
  world: World,
  repository: Repository,
  actor: Actor,
  issue: Issue,
  action: string,
  more: Record<string, unknown> = {},
): Promise<void> {
  const payload = { action, issue: issueView(world, repository, issue), ...more };
  return record(world, repository, actor, { name: 'issues', payload });
}

/** Labels an issue; a label that is not there yet comes into being, as it does at GitHub. Gives the new ones. */
export function addLabels(world: World, repository: Repository, issue: Issue, names: readonly string[]): string[] {
  const added = names.map((name) => ensureLabel(world, repository, name).name);
  const fresh = [...new Set(added)].filter((name) => !issue.labels.includes(name));
  issue.labels.push(...fresh);
  return fresh;
}

function ensureLabel(world: World, repository: Repository, name: string): Label {
  const known = repository.labels.find((label) => label.name.toLowerCase() === name.toLowerCase());
  if (known !== undefined) return known;
  if (name.trim() === '' || name.length > 50) throw invalid({ resource: 'Label', field: 'name', code: 'invalid' });
  const made = { id: world.nextId(), name, color: 'ededed', description: null };
  repository.labels.push(made);
  return made;
}
