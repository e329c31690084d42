import { z } from 'zod';
import { json } from '../../answers.ts';
import { notAccessible } from '../actors.ts';
import { addComment, checkComment, recordComment } from '../acts/issues.ts';
import { noContent, notFound, slice } from '../answers.ts';
import { type RepositoryCall, type Route, repositoryRoute } from '../router.ts';
import type { Comment, Issue } from '../state.ts';
import { commentView } from '../views/issues.ts';
import { triages, wantedIssue } from './issues.ts';

const READ = 'issues:read|pull_requests:read';
const WRITE = 'issues:write|pull_requests:write';
const commentBody = z.strictObject({ body: z.string() });

/** https://docs.github.com/rest/issues/comments */
export const commentRoutes: readonly Route[] = [
  repositoryRoute('GET', '/issues/comments', { access: READ }, async ({ world, repository, url }) => {
    const { items, headers } = slice(repository.comments, url);
    return json(
      200,
      items.map((comment) => commentView(world, repository, comment)),
      headers,
    );
  }),

  repositoryRoute('GET', '/issues/comments/{id}', { access: READ }, async (call) => {
    return json(200, commentView(call.world, call.repository, wantedComment(call, call.params.id).comment));
  }),

  repositoryRoute('PATCH', '/issues/comments/{id}', { access: WRITE, body: commentBody }, async (call) => {
    const { world, repository, actor, body } = call;
    const { comment, issue } = wantedComment(call, call.params.id);
    mayEdit(call, comment);
    checkComment(body.body);
    const changes = { body: { from: comment.body } };
    comment.body = body.body;
    comment.updatedAt = world.now();
    await recordComment(world, repository, actor, issue, comment, 'edited', { changes });
    return json(200, commentView(world, repository, comment));
  }),

  repositoryRoute('DELETE', '/issues/comments/{id}', { access: WRITE }, async (call) => {
    const { world, repository, actor } = call;
    const { comment, issue } = wantedComment(call, call.params.id);
    mayEdit(call, comment);
    repository.comments = repository.comments.filter((one) => one !== comment);
    await recordComment(world, repository, actor, issue, comment, 'deleted');
    return noContent();
  }),

  repositoryRoute('GET', '/issues/{number}/comments', { access: READ }, async (call) => {
    const { world, repository, url } = call;
    const { number } = wantedIssue(call, call.params.number);
    const { items, headers } = slice(
      repository.comments.filter(({ issue }) => issue === number),
      url,
    );
    return json(
      200,
      items.map((comment) => commentView(world, repository, comment)),
      headers,
    );
  }),

  repositoryRoute('POST', '/issues/{number}/comments', { access: WRITE, body: commentBody }, async (call) => {
    const { world, repository, actor, body } = call;
    const issue = wantedIssue(call, call.params.number, 'write');
    return json(201, commentView(world, repository, await addComment(world, repository, actor, issue, body.body)));
  }),
];

function wantedComment({ repository }: RepositoryCall, id: string): { comment: Comment; issue: Issue } {
  const comment = repository.comments.find((one) => String(one.id) === id);
  const issue = repository.issues.find(({ number }) => number === comment?.issue);
  if (comment === undefined || issue === undefined) throw notFound();
  return { comment, issue };
}

function mayEdit(call: RepositoryCall, comment: Comment): void {
  const { repository, actor } = call;
  wantedIssue(call, String(comment.issue), 'write');
  if (comment.author !== actor.login && !triages(repository, actor)) throw notAccessible('issues:write');
}
