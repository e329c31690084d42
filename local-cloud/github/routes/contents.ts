import { z } from 'zod';
import { json } from '../../answers.ts';
import { changedTree, makeCommit, wantedCommit } from '../acts/commits.ts';
import { updateRef } from '../acts/refs.ts';
import { notFound, Refusal, unprocessable } from '../answers.ts';
import type { Commit } from '../git/commits.ts';
import { readRef } from '../git/refs.ts';
import { listTree, type TreeEntry } from '../git/trees.ts';
import { type RepositoryCall, type Route, repositoryRoute } from '../router.ts';
import { gitCommitView } from '../views/commits.ts';
import { apiUrl, pageUrl } from '../views/common.ts';
import { wrapped } from './git-data.ts';
import { isBase64, person } from './shapes.ts';

/** Larger files come without content: https://docs.github.com/rest/repos/contents#get-repository-content */
const MAX_INLINE = 1024 * 1024;

const common = {
  message: z.string().min(1),
  branch: z.string().optional(),
  author: person.optional(),
  committer: person.optional(),
};
const putBody = z.strictObject({ ...common, content: z.string(), sha: z.string().optional() });
const deleteBody = z.strictObject({ ...common, sha: z.string() });

type Write = z.output<typeof putBody> | z.output<typeof deleteBody>;

export const contentRoutes: readonly Route[] = [
  repositoryRoute('GET', '/contents', { access: 'contents:read' }, (call) => read(call, '')),
  repositoryRoute('GET', '/contents/{+path}', { access: 'contents:read' }, (call) => read(call, call.params.path)),

  repositoryRoute('PUT', '/contents/{+path}', { access: 'contents:write', body: putBody }, async (call) => {
    const { content, sha } = call.body;
    const { path } = call.params;
    if (!isBase64(content)) throw unprocessable('content is not valid Base64');
    const { tip, entry } = await standing(call, path, call.body.branch);
    if (entry !== undefined && sha === undefined) throw unprocessable('Invalid request.\n\n"sha" wasn\'t supplied.');
    if (sha !== undefined && entry?.sha !== sha) throw new Refusal(409, `${path} does not match ${sha}`);
    const blob = await call.git.writeBlob(Buffer.from(content, 'base64'));
    const commit = await write(call, path, tip, blob, entry?.mode);
    const [made] = await listTree(call.git, commit.sha, { path });
    const view = made && entryView(call, made, commit.sha);
    return json(entry === undefined ? 201 : 200, {
      content: view,
      commit: gitCommitView(call.world, call.repository, commit),
    });
  }),

  repositoryRoute('DELETE', '/contents/{+path}', { access: 'contents:write', body: deleteBody }, async (call) => {
    const { path } = call.params;
    const { tip, entry } = await standing(call, path, call.body.branch);
    if (entry === undefined) throw notFound();
    if (entry.sha !== call.body.sha) throw new Refusal(409, `${path} does not match ${call.body.sha}`);
    const commit = await write(call, path, tip, null);
    return json(200, { content: null, commit: gitCommitView(call.world, call.repository, commit) });
  }),
];

async function read(call: RepositoryCall, path: string): Promise<Response> {
  const { git, repository, url, request } = call;
  const commit = await wantedCommit(git, url.searchParams.get('ref') ?? repository.defaultBranch);
  const bare = path.replace(/\/+$/, '');
  const [entry] = bare === '' ? [] : await listTree(git, commit.sha, { path: bare });
  if (bare === '' || entry?.type === 'tree') {
    const inside = await listTree(git, commit.sha, bare === '' ? {} : { path: `${bare}/` });
    return json(
      200,
      inside.map((one) => entryView(call, one, commit.sha)),
    );
  }
  const object = entry && (await git.object(entry.sha));
  if (entry === undefined || object === undefined) throw notFound();
  if (request.headers.get('accept')?.includes('raw')) {
    return new Response(new Uint8Array(object.content), {
      headers: { 'content-type': 'application/vnd.github.raw; charset=utf-8' },
    });
  }
  const inline = object.content.length <= MAX_INLINE;
  const content = inline ? wrapped(object.content) : '';
  return json(200, { ...entryView(call, entry, commit.sha), encoding: inline ? 'base64' : 'none', content });
}

function entryView({ world, repository }: RepositoryCall, entry: TreeEntry, ref: string) {
  const path = entry.path.split('/').map(encodeURIComponent).join('/');
  const isTree = entry.type === 'tree';
  const url = apiUrl(world, repository, `/contents/${path}?ref=${ref}`);
  const git = apiUrl(world, repository, `/git/${entry.type}s/${entry.sha}`);
  const html = pageUrl(world, repository, `/${isTree ? 'tree' : 'blob'}/${ref}/${path}`);
  return {
    type: isTree ? 'dir' : 'file',
    name: entry.path.split('/').at(-1) ?? entry.path,
    path: entry.path,
    sha: entry.sha,
    size: entry.size ?? 0,
    url,
    git_url: git,
    html_url: html,
    download_url: isTree ? null : pageUrl(world, repository, `/raw/${ref}/${path}`),
    _links: { self: url, git, html },
  };
}

/** Where the branch stands, and what it has at `path`. */
async function standing(call: RepositoryCall, path: string, branch = call.repository.defaultBranch) {
  const tip = await readRef(call.git, `refs/heads/${branch}`);
  if (tip === undefined) throw new Refusal(404, `Branch ${branch} not found`);
  const [entry] = await listTree(call.git, tip.sha, { path });
  if (entry?.type === 'tree') throw unprocessable(`${path} is a directory`);
  return { tip, entry };
}

async function write(
  call: RepositoryCall<'path', Write>,
  path: string,
  tip: { ref: string; sha: string },
  sha: string | null,
  mode = '100644',
): Promise<Commit> {
  const { world, repository, git, actor, body } = call;
  const { message, author, committer } = body;
  const tree = await changedTree(git, tip.sha, [{ path, mode, sha }]);
  const commit = await makeCommit(world, repository, actor, { tree, parents: [tip.sha], message, author, committer });
  await updateRef(world, repository, actor, { ref: tip.ref, after: commit.sha, before: tip.sha, refusal: 409 });
  return commit;
}
