import { json, notEmulated } from '../answers.ts';
import type { CloudContext, Service } from '../service.ts';
import type { Repository } from '../vercel/options.ts';

export interface GitHubOptions {
  /** The only token that is accepted; repositories are public, so none at all will do as well. */
  readonly token: string;
  /** By `owner/name`, as the emulated Vercel sees them. */
  readonly repositories: Readonly<Record<string, Repository>>;
}

const documentation = 'https://docs.github.com/rest';

function refusal(status: number, message: string): Response {
  return json(status, { message, documentation_url: documentation, status: String(status) });
}

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

function answer(request: Request, { token, repositories }: GitHubOptions): Response {
  const credential = request.headers.get('authorization');
  if (credential !== null && !['Bearer', 'token'].some((scheme) => credential === `${scheme} ${token}`)) {
    return refusal(401, 'Bad credentials');
  }
  const { pathname } = new URL(request.url);
  const [, wanted, ref] = /^\/repos\/([^/]+\/[^/]+)\/commits\/(.+)$/.exec(pathname) ?? [];
  if (request.method !== 'GET' || wanted === undefined || ref === undefined) return notEmulated('github', request);
  const found = Object.entries(repositories).find(([name]) => name.toLowerCase() === wanted.toLowerCase());
  if (found === undefined) return refusal(404, 'Not Found');
  const [name, repository] = found;
  const sha = commitOf(repository, decodeURIComponent(ref));
  if (sha === undefined) return refusal(422, `No commit found for SHA: ${decodeURIComponent(ref)}`);
  if (!request.headers.get('accept')?.includes('application/vnd.github.sha')) return json(200, commitView(name, sha));
  return new Response(sha, { headers: { 'content-type': 'application/vnd.github.sha; charset=utf-8' } });
}

/** The one thing of GitHub's REST API that applying needs: which commit a ref of the app's repository stands for. */
export function githubService(_context: CloudContext, options: GitHubOptions): Service {
  return {
    name: 'github',
    prefix: '/github',
    fetch: async (request) => answer(request, options),
    save: () => null,
    close: async () => undefined,
  };
}
