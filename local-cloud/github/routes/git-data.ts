import { z } from 'zod';
import { json } from '../../answers.ts';
import { changedTree, makeCommit, wantedCommit } from '../acts/commits.ts';
import { notFound, unprocessable } from '../answers.ts';
import { isSha, resolveCommit } from '../git/refs.ts';
import type { Git } from '../git/repository.ts';
import { listTree, type TreeChange } from '../git/trees.ts';
import { type Route, repositoryRoute } from '../router.ts';
import { gitCommitView } from '../views/commits.ts';
import { apiUrl, nodeId } from '../views/common.ts';
import { isBase64, person, sha } from './shapes.ts';

const blobBody = z.strictObject({ content: z.string(), encoding: z.enum(['utf-8', 'base64']).default('utf-8') });

const entry = z
  .strictObject({
    path: z.string().min(1),
    mode: z.enum(['100644', '100755', '040000', '160000', '120000']),
    type: z.enum(['blob', 'tree', 'commit']).optional(),
    sha: sha.nullable().optional(),
    content: z.string().optional(),
  })
  .refine((one) => one.sha === undefined || one.content === undefined, {
    error: 'has both a sha and content',
  });

const treeBody = z.strictObject({ tree: z.array(entry).min(1), base_tree: z.string().optional() });

const commitBody = z.strictObject({
  message: z.string(),
  tree: sha,
  parents: z.array(sha).default([]),
  author: person.optional(),
  committer: person.optional(),
});

type Entry = z.output<typeof entry>;

async function toChange(git: Git, { path, mode, sha: given, content }: Entry): Promise<TreeChange> {
  if (content !== undefined) return { path, mode, sha: await git.writeBlob(Buffer.from(content)) };
  if (given === undefined) throw unprocessable(`tree.sha or tree.content must be given for ${path}`);
  const type = given === null ? undefined : (await git.object(given))?.type;
  if (given !== null && mode !== '160000' && type === undefined)
    throw unprocessable(`tree.sha ${given} is not a valid blob`);
  return { path, mode, sha: given };
}

/** https://docs.github.com/rest/git: blobs, trees and commits. */
export const gitDataRoutes: readonly Route[] = [
  repositoryRoute('POST', '/git/blobs', { access: 'contents:write', body: blobBody }, async (call) => {
    const { content, encoding } = call.body;
    if (encoding === 'base64' && !isBase64(content)) throw unprocessable('content is not valid Base64');
    const made = await call.git.writeBlob(Buffer.from(content, encoding));
    return json(201, { sha: made, url: apiUrl(call.world, call.repository, `/git/blobs/${made}`) });
  }),

  repositoryRoute('GET', '/git/blobs/{sha}', { access: 'contents:read' }, async (call) => {
    const object = isSha(call.params.sha) ? await call.git.object(call.params.sha) : undefined;
    if (object?.type !== 'blob') throw notFound();
    return json(200, {
      sha: object.sha,
      node_id: nodeId('Blob', object.sha),
      size: object.content.length,
      url: apiUrl(call.world, call.repository, `/git/blobs/${object.sha}`),
      content: wrapped(object.content),
      encoding: 'base64',
    });
  }),

  repositoryRoute('POST', '/git/trees', { access: 'contents:write', body: treeBody }, async (call) => {
    const { git, body } = call;
    const base = body.base_tree === undefined ? undefined : await treeOf(git, body.base_tree);
    if (body.base_tree !== undefined && base === undefined) throw unprocessable('base_tree is not a valid tree oid');
    const changes = await Promise.all(body.tree.map((one) => toChange(git, one)));
    const missing = await deletesNothing(git, base, changes);
    if (missing) throw unprocessable('GitRPC::BadObjectState');
    return json(201, await treeView(call, await changedTree(git, base, changes), false));
  }),

  repositoryRoute('GET', '/git/trees/{+tree}', { access: 'contents:read' }, async (call) => {
    const tree = await treeOf(call.git, call.params.tree);
    if (tree === undefined) throw notFound();
    return json(200, await treeView(call, tree, call.url.searchParams.has('recursive')));
  }),

  repositoryRoute('POST', '/git/commits', { access: 'contents:write', body: commitBody }, async (call) => {
    const { world, repository, git, actor, body } = call;
    if ((await git.object(body.tree))?.type !== 'tree') throw unprocessable('Tree SHA does not exist');
    for (const parent of body.parents) {
      await wantedCommit(git, parent, unprocessable('Parent SHA does not exist or is not a commit object'));
    }
    const commit = await makeCommit(world, repository, actor, body);
    return json(201, gitCommitView(world, repository, commit));
  }),

  repositoryRoute('GET', '/git/commits/{sha}', { access: 'contents:read' }, async (call) => {
    if (!isSha(call.params.sha)) throw notFound();
    return json(200, gitCommitView(call.world, call.repository, await wantedCommit(call.git, call.params.sha)));
  }),
];

/** The tree of a tree's or a commit's sha, or of a branch. */
async function treeOf(git: Git, name: string): Promise<string | undefined> {
  const object = isSha(name) ? await git.object(name) : undefined;
  if (object?.type === 'tree') return object.sha;
  const commit = await resolveCommit(git, name);
  return commit === undefined ? undefined : (await wantedCommit(git, commit)).tree;
}

/** A path that is to go must be there. */
async function deletesNothing(git: Git, base: string | undefined, changes: readonly TreeChange[]): Promise<boolean> {
  const gone = changes.filter(({ sha: kept }) => kept === null);
  if (gone.length === 0) return false;
  const paths = new Set(
    base === undefined ? [] : (await listTree(git, base, { recursive: true })).map(({ path }) => path),
  );
  return gone.some(({ path }) => !paths.has(path));
}

async function treeView(
  call: Pick<Parameters<Route['handle']>[0], 'world'> & { repository: { name: string }; git: Git },
  tree: string,
  recursive: boolean,
) {
  const { world, repository, git } = call;
  const entries = await listTree(git, tree, { recursive });
  return {
    sha: tree,
    url: apiUrl(world, repository, `/git/trees/${tree}`),
    tree: entries.map(({ path, mode, type, sha: id, size }) => ({
      path,
      mode,
      type,
      sha: id,
      size,
      url: apiUrl(world, repository, `/git/${type}s/${id}`),
    })),
    truncated: false,
  };
}

/** GitHub breaks Base64 after 60 characters. */
export function wrapped(content: Buffer): string {
  return content.toString('base64').replace(/.{1,60}/g, '$&\n');
}
