import { json } from '../answers.ts';
import type { Repository } from '../vercel/options.ts';
import { authenticate } from './actors.ts';
import { notFound, unprocessable } from './answers.ts';
import { type Route, route } from './router.ts';

function commitOf({ refs }: Repository, ref: string): string | undefined {
  const name = ref.replace(/^(?:refs\/)?(?:heads|tags)\//, '');
  if (Object.hasOwn(refs, name)) return refs[name];
  return Object.values(refs).find((sha) => sha === ref);
}

function commitView(name: string, sha: string): Record<string, unknown> {
  const url = `https://api.github.com/repos/${name}/commits/${sha}`;
  const person = { name: 'Example', email: 'dev@example.test', date: '2026-01-01T00:00:00Z' };
  const commit = { author: person, committer: person, message: 'Release', tree: { sha }, url, comment_count: 0 };
  return { sha, node_id: Buffer.from(sha).toString('base64'), url, commit, parents: [], files: [] };
}

/**
 * Repositories that stand for an agency's app: public, without files, known only by what their refs stand for. They are
 * the ones that the emulated Vercel deploys.
 */
export function appRepositoryRoutes(repositories: Readonly<Record<string, Repository>>): readonly Route[] {
  return [
    route('GET', '/repos/{owner}/{repo}/commits/{+ref}', ({ world, request, params }) => {
      authenticate(world, request);
      const wanted = `${params.owner}/${params.repo}`.toLowerCase();
      const found = Object.entries(repositories).find(([name]) => name.toLowerCase() === wanted);
      if (found === undefined) throw notFound();
      const [name, repository] = found;
      const sha = commitOf(repository, params.ref);
      if (sha === undefined) throw unprocessable(`No commit found for SHA: ${params.ref}`);
      if (!request.headers.get('accept')?.includes('application/vnd.github.sha'))
        return json(200, commitView(name, sha));
      return new Response(sha, { headers: { 'content-type': 'application/vnd.github.sha; charset=utf-8' } });
    }),
  ];
}
