import * as z from 'zod';
import type { PullRequest } from './forge.ts';
import type { Repository } from './github.ts';

/** A pull request as a list shows it. */
export type ListedPull = Pick<PullRequest, 'number' | 'url' | 'state' | 'merged' | 'head'>;

const PER_PAGE = 100;

const place = z.object({ full_name: z.string() });
const pulls = z.array(
  z.object({
    number: z.int(),
    html_url: z.string(),
    state: z.enum(['open', 'closed']),
    merged_at: z.string().nullish(),
    head: z.object({ ref: z.string(), sha: z.string(), repo: place.nullish() }),
    base: z.object({ repo: place }),
  }),
);

/**
 * Every pull request that was ever made of a branch of this repository, the newest first, also when the branch is gone;
 * those of forks are none. Throws ProviderError. https://docs.github.com/en/rest/pulls/pulls#list-pull-requests
 */
export function branchPulls({ name, request }: Repository) {
  const [owner] = name.split('/');
  return async (branch: string): Promise<readonly ListedPull[]> => {
    const found: z.output<typeof pulls> = [];
    for (let page = 1; ; page += 1) {
      const more = await request({
        operation: `list the pull requests of ${branch}`,
        method: 'GET',
        path: '/pulls',
        query: { head: `${owner}:${branch}`, state: 'all', per_page: PER_PAGE, page },
        scope: 'read',
        permission: 'pull requests: read',
        schema: pulls,
      });
      found.push(...(more ?? []));
      if ((more ?? []).length < PER_PAGE) break;
    }
    return found.filter(({ head, base }) => head.repo?.full_name === base.repo.full_name).map(listed);
  };
}

function listed({ number, html_url: url, state, merged_at, head }: z.output<typeof pulls>[number]): ListedPull {
  const { ref, sha, repo } = head;
  const merged = typeof merged_at === 'string';
  return { number, url, state, merged, head: { ref, sha, ...(repo && { repository: repo.full_name }) } };
}
