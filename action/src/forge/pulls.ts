import * as z from 'zod';
import { isAmbiguous } from '../engine/errors.ts';
import { hasStatus } from '../providers/failure.ts';
import { apiOf } from './api.ts';
import { user } from './authors.ts';
import type { NewPull, PullRequest, Pulls } from './forge.ts';
import type { Repository } from './github.ts';

const end = z.object({ ref: z.string(), sha: z.string(), repo: z.object({ full_name: z.string() }).nullish() });
const pull = z
  .object({
    number: z.number(),
    html_url: z.string(),
    title: z.string(),
    body: z.string().nullish(),
    user,
    state: z.string(),
    merged: z.boolean().optional(),
    merged_at: z.string().nullish(),
    mergeable: z.boolean().nullish(),
    merge_commit_sha: z.string().nullish(),
    head: end,
    base: end,
  })
  .transform(asPull);

/** https://docs.github.com/en/rest/pulls/pulls */
export function pulls(repository: Repository): Pulls {
  const api = apiOf(repository, 'pull_requests');
  const [owner = ''] = repository.name.split('/');
  const open = (head?: string, base?: string) =>
    api.all({
      operation: 'read the open pull requests',
      path: '/pulls',
      query: { state: 'open', base, ...(head !== undefined && { head: `${owner}:${head}` }) },
      schema: pull,
    });
  const there = async ({ head, base }: NewPull) => (await open(head, base)).at(0);

  return {
    read: (number) => api.read({ operation: `read pull request #${number}`, path: `/pulls/${number}`, schema: pull }),
    open,
    ofCommit: (sha) =>
      api.all({ operation: `read the pull requests of ${sha}`, path: `/commits/${sha}/pulls`, schema: pull }),
    ensure: async (wish) => {
      const found = await there(wish);
      if (found) return { pull: found, opened: false };
      const question = { operation: 'open a pull request', path: '/pulls', body: { ...wish } };
      try {
        return { pull: await api.make({ ...question, schema: pull }), opened: true };
      } catch (thrown) {
        // Somebody was faster, or ours was made and we did not hear of it.
        const other = hasStatus(thrown, 422) || isAmbiguous(thrown) ? await there(wish) : undefined;
        if (!other) throw thrown;
        return { pull: other, opened: false };
      }
    },
  };
}

interface Read {
  readonly number: number;
  readonly html_url: string;
  readonly title: string;
  readonly body?: string | null | undefined;
  readonly user?: { readonly login: string } | null | undefined;
  readonly state: string;
  readonly merged?: boolean | undefined;
  readonly merged_at?: string | null | undefined;
  readonly mergeable?: boolean | null | undefined;
  readonly merge_commit_sha?: string | null | undefined;
  readonly head: z.output<typeof end>;
  readonly base: z.output<typeof end>;
}

function asPull(read: Read): PullRequest {
  const { number, html_url: url, title, head, base } = read;
  const merged = read.merged ?? typeof read.merged_at === 'string';
  // While it is open the commit is only good once GitHub says that it can be merged; a list does not say.
  const merge = merged || read.mergeable === true ? read.merge_commit_sha : undefined;
  const from = head.repo?.full_name;
  return {
    number,
    url,
    title,
    body: read.body ?? '',
    author: read.user?.login ?? '',
    state: read.state === 'open' ? 'open' : 'closed',
    merged,
    head: { ref: head.ref, sha: head.sha, ...(from !== undefined && { repository: from }) },
    base: { ref: base.ref, sha: base.sha },
    ...(typeof merge === 'string' && { mergeCommit: merge }),
    ...(typeof read.mergeable === 'boolean' && { mergeable: read.mergeable }),
  };
}
