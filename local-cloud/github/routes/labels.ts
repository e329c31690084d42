import { z } from 'zod';
import { json } from '../../answers.ts';
import { addLabels, recordIssue } from '../acts/issues.ts';
import { recordPull } from '../acts/pull-events.ts';
import { invalid, noContent, notFound, Refusal, slice } from '../answers.ts';
import { type RepositoryCall, type Route, repositoryRoute } from '../router.ts';
import { type Issue, isPull } from '../state.ts';
import { labelView } from '../views/common.ts';
import { wantedIssue } from './issues.ts';

const READ = 'issues:read|pull_requests:read';
const WRITE = 'issues:write|pull_requests:write';
const names = z.array(z.string()).min(1);
const namesBody = z
  .union([names, z.strictObject({ labels: names })])
  .transform((body) => ('labels' in body ? body.labels : body));
const labelBody = z.strictObject({
  name: z.string().min(1).max(50),
  color: z
    .string()
    .regex(/^[0-9a-fA-F]{6}$/)
    .default('ededed'),
  description: z.string().max(100).nullish(),
});

/** https://docs.github.com/rest/issues/labels */
export const labelRoutes: readonly Route[] = [
  repositoryRoute('GET', '/labels', { access: READ }, ({ world, repository, url }) => {
    const { items, headers } = slice(repository.labels, url);
    return json(
      200,
      items.map(({ name }) => labelView(world, repository, name)),
      headers,
    );
  }),

  repositoryRoute('POST', '/labels', { access: WRITE, body: labelBody }, ({ world, repository, body }) => {
    if (repository.labels.some((one) => sameName(one.name, body.name))) {
      throw invalid({ resource: 'Label', field: 'name', code: 'already_exists' });
    }
    repository.labels.push({ id: world.nextId(), ...body, description: body.description ?? null });
    return json(201, labelView(world, repository, body.name));
  }),

  repositoryRoute('GET', '/labels/{name}', { access: READ }, ({ world, repository, params }) => {
    if (!repository.labels.some((one) => sameName(one.name, params.name))) throw notFound();
    return json(200, labelView(world, repository, params.name));
  }),

  repositoryRoute('GET', '/issues/{number}/labels', { access: READ }, (call) =>
    labelsOf(call, wantedIssue(call, call.params.number)),
  ),

  repositoryRoute('POST', '/issues/{number}/labels', { access: WRITE, body: namesBody }, async (call) => {
    const issue = wantedIssue(call, call.params.number, 'write');
    const added = addLabels(call.world, call.repository, issue, call.body);
    await tell(call, issue, 'labeled', added);
    return labelsOf(call, issue);
  }),

  repositoryRoute('PUT', '/issues/{number}/labels', { access: WRITE, body: namesBody }, async (call) => {
    const issue = wantedIssue(call, call.params.number, 'write');
    const before = issue.labels;
    issue.labels = [];
    addLabels(call.world, call.repository, issue, call.body);
    await tell(
      call,
      issue,
      'unlabeled',
      before.filter((name) => !issue.labels.includes(name)),
    );
    await tell(
      call,
      issue,
      'labeled',
      issue.labels.filter((name) => !before.includes(name)),
    );
    return labelsOf(call, issue);
  }),

  repositoryRoute('DELETE', '/issues/{number}/labels', { access: WRITE }, async (call) => {
    const issue = wantedIssue(call, call.params.number, 'write');
    const before = issue.labels;
    issue.labels = [];
    await tell(call, issue, 'unlabeled', before);
    return noContent();
  }),

  repositoryRoute('DELETE', '/issues/{number}/labels/{name}', { access: WRITE }, async (call) => {
    const issue = wantedIssue(call, call.params.number, 'write');
    const gone = issue.labels.find((name) => sameName(name, call.params.name));
    if (gone === undefined) throw new Refusal(404, 'Label does not exist');
    issue.labels = issue.labels.filter((name) => name !== gone);
    await tell(call, issue, 'unlabeled', [gone]);
    return labelsOf(call, issue);
  }),
];

function sameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function labelsOf({ world, repository }: RepositoryCall, issue: Issue): Response {
  return json(
    200,
    issue.labels.map((name) => labelView(world, repository, name)),
  );
}

async function tell(call: RepositoryCall, issue: Issue, action: string, changed: readonly string[]): Promise<void> {
  const { world, repository, actor } = call;
  for (const name of changed) {
    const more = { label: labelView(world, repository, name) };
    if (isPull(issue)) await recordPull(world, repository, issue, actor, action, more);
    else await recordIssue(world, repository, actor, issue, action, more);
  }
}
