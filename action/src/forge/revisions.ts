import * as z from 'zod';
import { BlockedError, classify, ProviderError, type ProvisionerError } from '../engine/errors.ts';
import { mapPooled } from '../lib/pool.ts';
import { hasStatus } from '../providers/failure.ts';
import type { Http, HttpPolicy } from '../providers/http.ts';
import { createGitHub, type GitHubAccess } from './github.ts';
import { headersOf } from './protocol.ts';

const COMMIT = /^[0-9a-f]{40}$/;
const AT_A_TIME = 8;
const commit = z.object({ sha: z.string().regex(COMMIT) });

/**
 * Finds the commits that refs of repositories stand for; a ref that is a commit already costs no call. Refs are given
 * as `owner/name@ref`. What could not be found is in the answer as an error that says whether the ref or the permission
 * is missing, because one mistyped ref must not stop the agencies that use another.
 * https://docs.github.com/en/rest/commits/commits#get-a-commit
 */
export function githubRevisions(access: GitHubAccess, policy: HttpPolicy) {
  const http = createGitHub(access, policy);
  return async (refs: ReadonlySet<string>): Promise<Lookups> =>
    new Map(
      await mapPooled([...refs], AT_A_TIME, async (wish) => {
        return [wish, await revisionOf(wish, http).catch(classify)] as const;
      }),
    );
}

/** Looks up no more than the first of the refs; of the others it says so. */
export function atMost(most: number, revisions: (refs: ReadonlySet<string>) => Promise<Lookups>) {
  return async (refs: ReadonlySet<string>): Promise<Lookups> => {
    const wished = [...refs];
    const tooMany = new BlockedError(
      `more than ${most} different refs of apps are named, and no more are looked up at once`,
      'Let agencies share a ref, or change fewer of them in one pull request.',
    );
    const left = wished.slice(most).map((wish) => [wish, tooMany] as const);
    return new Map([...(await revisions(new Set(wished.slice(0, most)))), ...left]);
  };
}

/** Commits by `owner/name@ref`, or why there is none. */
export type Lookups = ReadonlyMap<string, string | ProvisionerError>;

async function revisionOf(wish: string, http: Http): Promise<string> {
  const at = wish.indexOf('@');
  const [repository, ref] = [wish.slice(0, at), wish.slice(at + 1)];
  if (COMMIT.test(ref)) return ref;
  try {
    const found = await http.request({
      operation: `look up ${ref} of ${repository}`,
      method: 'GET',
      path: `/repos/${repository}/commits/${encodeURIComponent(ref)}`,
      headers: headersOf(),
      scope: 'read',
      permission: `contents: read on ${repository}`,
      schema: commit,
    });
    return found?.sha ?? nothing(repository, ref);
  } catch (thrown) {
    throw hasStatus(thrown, 404, 422) ? unknown(thrown, repository, ref) : thrown;
  }
}

/** GitHub hides what a token may not see behind a 404; a ref that does not exist is a 422. */
function unknown(error: ProviderError, repository: string, ref: string): ProviderError {
  const hidden = error.failure.status === 404;
  return new ProviderError(
    error.failure,
    hidden
      ? `github: the repository ${repository} does not exist, or GITHUB_TOKEN may not read it`
      : `github: ${repository} has no branch, tag or commit called ${ref}`,
    hidden
      ? `Check spec.app.repository in fleet.yaml, or give GITHUB_TOKEN contents: read on ${repository}.`
      : 'Mend app.ref in the manifest or in fleet.yaml, or push that ref, and run again.',
    error,
  );
}

function nothing(repository: string, ref: string): never {
  throw new ProviderError(
    { vendor: 'github', operation: 'look up commit', transient: true, ambiguous: false },
    `github: the answer about ${ref} of ${repository} was empty`,
    'Run again.',
  );
}
