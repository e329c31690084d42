import { z } from 'zod';
import { json } from '../../answers.ts';
import { type Actor, mayPush, notAccessible } from '../actors.ts';
import { addLabels, checkBody, checkTitle, newIssue, recordIssue } from '../acts/issues.ts';
import { closePull, recordPull } from '../acts/pull-events.ts';
import { refreshHead } from '../acts/pulls.ts';
import { invalid, notFound, slice } from '../answers.ts';
import { type RepositoryCall, type Route, repositoryRoute } from '../router.ts';
import { type Issue, isPull, type Repository } from '../state.ts';
import { issueView } from '../views/issues.ts';
import { text } from './shapes.ts';

const READ = 'issues:read|pull_requests:read';
const WRITE = 'issues:write|pull_requests:write';

const labelNames = z.array(z.union([z.string(), z.strictObject({ name: z.string() }).transform(({ name }) => name)]));
const createBody = z.strictObject({
  title: z.union([z.string(), z.number()]).transform(String),
  body: text,
  labels: labelNames.optional(),
  assignees: z.array(z.string()).optional(),
});
const updateBody = z.strictObject({
  title: z.string().optional(),
  body: text,
  state: z.enum(['open', 'closed']).optional(),
  state_reason: z.enum(['completed', 'not_planned', 'duplicate', 'reopened']).nullish(),
  labels: labelNames.optional(),
  assignees: z.array(z.string()).optional(),
});

/** The issue or pull request of that number; whoever may write only one of the two kinds writes only that. */
export function wantedIssue(
  { repository, actor }: RepositoryCall,
  number: string,
  level: 'read' | 'write' = 'read',
): Issue {
  const issue = repository.issues.find((one) => String(one.number) === number);
  if (issue === undefined) throw notFound();
  if (level === 'write' && !isPull(issue) && !mayWrite(actor, 'issues')) throw notAccessible('issues:write');
  return issue;
}

function mayWrite(actor: Actor, name: string): boolean {
  return actor.permissions === null || actor.permissions[name] === 'write';
}

/** What people without push access say of labels and assignees is passed over, as at GitHub. */
export function triages(repository: Repository, actor: Actor): boolean {
  return actor.kind !== 'person' || mayPush(repository, actor.login);
}

function wantedAssignees({ world }: RepositoryCall, logins: readonly string[]): string[] {
  const unknown = logins.find((login) => !world.knows(login));
  if (unknown !== undefined) throw invalid({ resource: 'Issue', field: 'assignees', code: 'invalid', value: unknown });
  return [...logins];
}

/** https://docs.github.com/rest/issues/issues */
export const issueRoutes: readonly Route[] = [
  repositoryRoute('GET', '/issues', { access: READ }, async ({ world, repository, url }) => {
    const { items, headers } = slice(select(repository, url.searchParams), url);
    return json(
      200,
      items.map((issue) => issueView(world, repository, issue)),
      headers,
    );
  }),

  repositoryRoute('POST', '/issues', { access: 'issues:write', body: createBody }, async (call) => {
    const { world, repository, actor, body } = call;
    const issue = newIssue(world, repository, actor, body, null);
    if (triages(repository, actor)) {
      addLabels(world, repository, issue, body.labels ?? []);
      issue.assignees = wantedAssignees(call, body.assignees ?? []);
    }
    await recordIssue(world, repository, actor, issue, 'opened');
    return json(201, issueView(world, repository, issue));
  }),

  repositoryRoute('GET', '/issues/{number}', { access: READ }, async (call) => {
    return json(200, issueView(call.world, call.repository, wantedIssue(call, call.params.number)));
  }),

  repositoryRoute('PATCH', '/issues/{number}', { access: WRITE, body: updateBody }, async (call) => {
    const { world, repository, actor, body } = call;
    const issue = wantedIssue(call, call.params.number, 'write');
    if (!triages(repository, actor) && issue.author !== actor.login) throw notFound();
    if (body.labels !== undefined) {
      issue.labels = [];
      addLabels(world, repository, issue, body.labels);
    }
    if (body.assignees !== undefined) issue.assignees = wantedAssignees(call, body.assignees);
    await changeText(call, issue, body);
    if (body.state !== undefined) await changeState(call, issue, body.state, body.state_reason ?? undefined);
    issue.updatedAt = world.now();
    return json(200, issueView(world, repository, issue));
  }),
];

function select(repository: Repository, query: URLSearchParams): Issue[] {
  const state = query.get('state') ?? 'open';
  const labels = (query.get('labels') ?? '').split(',').filter((name) => name !== '');
  const creator = query.get('creator');
  const since = query.get('since');
  const key = query.get('sort') === 'updated' ? 'updatedAt' : 'createdAt';
  const sign = query.get('direction') === 'asc' ? 1 : -1;
  return repository.issues
    .filter((issue) => state === 'all' || issue.state === state)
    .filter((issue) => labels.every((name) => issue.labels.includes(name)))
    .filter((issue) => creator === null || issue.author === creator)
    .filter((issue) => since === null || Date.parse(issue.updatedAt) >= Date.parse(since))
    .sort((a, b) => sign * (a[key].localeCompare(b[key]) || a.number - b.number));
}

interface TextChange {
  readonly title?: string | undefined;
  readonly body?: string | null | undefined;
}

/** Gives an issue or a pull request another title or description. */
export async function changeText(
  { world, repository, actor }: RepositoryCall,
  issue: Issue,
  wish: TextChange,
): Promise<void> {
  const resource = isPull(issue) ? 'PullRequest' : 'Issue';
  const { title = issue.title, body = issue.body } = wish;
  checkTitle(resource, title);
  checkBody(resource, body);
  const changes = {
    ...(title !== issue.title && { title: { from: issue.title } }),
    ...(body !== issue.body && { body: { from: issue.body } }),
  };
  if (Object.keys(changes).length === 0) return;
  Object.assign(issue, { title, body, updatedAt: world.now() });
  if (isPull(issue)) await recordPull(world, repository, issue, actor, 'edited', { changes });
  else await recordIssue(world, repository, actor, issue, 'edited', { changes });
}

/** Closes or opens again. */
export async function changeState(
  { world, repository, actor }: RepositoryCall,
  issue: Issue,
  state: Issue['state'],
  reason?: NonNullable<Issue['stateReason']>,
): Promise<void> {
  if (issue.state === state) return;
  if (isPull(issue) && issue.pull.mergedAt !== null) {
    throw invalid({ resource: 'PullRequest', field: 'state', code: 'invalid' });
  }
  if (isPull(issue) && state === 'closed') return closePull(world, repository, issue, actor);
  if (isPull(issue)) await refreshHead(world, repository, issue);
  const closes = state === 'closed';
  issue.state = state;
  issue.closedAt = closes ? world.now() : null;
  issue.closedBy = closes ? actor.login : null;
  issue.stateReason = closes ? (reason ?? 'completed') : 'reopened';
  if (isPull(issue)) await recordPull(world, repository, issue, actor, 'reopened');
  else await recordIssue(world, repository, actor, issue, closes ? 'closed' : 'reopened');
}
