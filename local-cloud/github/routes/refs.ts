import { z } from 'zod';
import { json } from '../../answers.ts';
import { updateRef } from '../acts/refs.ts';
import { noContent, notFound, unprocessable } from '../answers.ts';
import { isRefName, listRefs, NOTHING, type Ref, readRef } from '../git/refs.ts';
import type { Git } from '../git/repository.ts';
import { type Route, repositoryRoute } from '../router.ts';
import type { Repository } from '../state.ts';
import { apiUrl, nodeId } from '../views/common.ts';
import type { Rest, View } from '../views/types.ts';
import type { World } from '../world.ts';
import { sha } from './shapes.ts';

const createBody = z.strictObject({ ref: z.string(), sha });
const updateBody = z.strictObject({ sha, force: z.boolean().default(false) });

function refView(world: World, repository: Repository, { ref, sha: id, type }: Ref) {
  return {
    ref,
    node_id: nodeId('Ref', `${repository.id}:${ref}`),
    url: apiUrl(world, repository, `/git/${ref}`),
    object: { sha: id, type, url: apiUrl(world, repository, `/git/${type}s/${id}`) },
  } satisfies View<Rest['git']['getRef']>;
}

async function requireObject(git: Git, ref: string, id: string): Promise<void> {
  const object = await git.object(id);
  if (object === undefined) throw unprocessable('Object does not exist');
  if (ref.startsWith('refs/heads/') && object.type !== 'commit') throw unprocessable('Reference update failed');
}

/** https://docs.github.com/rest/git/refs */
export const refRoutes: readonly Route[] = [
  repositoryRoute('GET', '/git/ref/{+ref}', { access: 'contents:read' }, async (call) => {
    const found = await readRef(call.git, `refs/${call.params.ref}`);
    if (found === undefined) throw notFound();
    return json(200, refView(call.world, call.repository, found));
  }),

  repositoryRoute('GET', '/git/matching-refs/{+ref}', { access: 'contents:read' }, async (call) => {
    const found = await listRefs(call.git, `refs/${call.params.ref}`);
    return json(
      200,
      found.map((ref) => refView(call.world, call.repository, ref)),
    );
  }),

  repositoryRoute('POST', '/git/refs', { access: 'contents:write', body: createBody }, async (call) => {
    const { world, repository, git, actor, body } = call;
    const { ref } = body;
    if (!/^refs\/[^/]+\/./.test(ref))
      throw unprocessable('Reference name must contain at least three slash-separated components.');
    if (!isRefName(ref) || ref.startsWith('refs/pull/')) throw unprocessable(`${ref} is not a valid ref name.`);
    await requireObject(git, ref, body.sha);
    if ((await readRef(git, ref)) !== undefined) throw unprocessable('Reference already exists');
    await updateRef(world, repository, actor, { ref, after: body.sha, before: NOTHING });
    const made = await readRef(git, ref);
    return json(201, made && refView(world, repository, made));
  }),

  repositoryRoute('PATCH', '/git/refs/{+ref}', { access: 'contents:write', body: updateBody }, async (call) => {
    const { world, repository, git, actor, body } = call;
    const ref = `refs/${call.params.ref}`;
    if ((await readRef(git, ref)) === undefined) throw unprocessable('Reference does not exist');
    if (ref.startsWith('refs/pull/')) throw unprocessable('Reference cannot be updated');
    await requireObject(git, ref, body.sha);
    await updateRef(world, repository, actor, { ref, after: body.sha, force: body.force });
    const now = await readRef(git, ref);
    return json(200, now && refView(world, repository, now));
  }),

  repositoryRoute('DELETE', '/git/refs/{+ref}', { access: 'contents:write' }, async (call) => {
    const { world, repository, git, actor } = call;
    const ref = `refs/${call.params.ref}`;
    if ((await readRef(git, ref)) === undefined) throw unprocessable('Reference does not exist');
    if (ref === `refs/heads/${repository.defaultBranch}` || ref.startsWith('refs/pull/'))
      throw unprocessable('Cannot delete this branch');
    await updateRef(world, repository, actor, { ref, after: NOTHING });
    return noContent();
  }),
];
