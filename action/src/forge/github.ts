import { type Budget, createLimiter } from '../lib/limiter.ts';
import type { Secret } from '../lib/secret.ts';
import { createHttp, type Http, type HttpPolicy, type Vendor } from '../providers/http.ts';
import { type AppAccess, appTokens } from './app-tokens.ts';
import { explainGitHub, headersOf } from './protocol.ts';

export interface GitHubAccess {
  readonly token?: Secret;
  /** In the place of the token where it is set: an App outlives an hour and may pass a branch's rules. */
  readonly app?: AppAccess;
  /** Without a slash at its end. */
  readonly apiUrl: string;
}

/** One repository of GitHub's REST API: paths are below `/repos/{owner}/{name}`. */
export interface Repository extends Pick<Http, 'request'> {
  /** `owner/name`. */
  readonly name: string;
}

/** GitHub, as whom `access` says, behind one limiter. */
export function createGitHub(access: GitHubAccess, policy: HttpPolicy): Http {
  return createHttp(vendorOf(access, policy), policy, createLimiter(policy.clock, budgetOf));
}

export function repositoryOf(http: Http, name: string): Repository {
  return {
    name,
    request: (call) => http.request({ ...call, path: `/repos/${name}${call.path}`, headers: headersOf(call) }),
  };
}

/** Scopes of the limiter; `write` makes something that people see, `git` and `read` do not. */
export type GitHubScope = 'read' | 'git' | 'write';

const MINUTE = 60_000;

/**
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api as of 2026-11: 900 points a minute, a
 * write being 5, and 80 pieces of content a minute, 500 an hour. Each scope keeps below its share.
 */
const budgets: Readonly<Record<string, Budget>> = {
  read: { windows: [{ requests: 300, perMs: MINUTE }], concurrency: 20 },
  git: { windows: [{ requests: 40, perMs: MINUTE }], concurrency: 10 },
  write: {
    windows: [
      { requests: 70, perMs: MINUTE },
      { requests: 450, perMs: 60 * MINUTE },
    ],
  },
};

function budgetOf(scope: string): Budget {
  return budgets[scope] ?? {};
}

function vendorOf({ token, app, apiUrl }: GitHubAccess, policy: HttpPolicy): Vendor {
  const tokens = app && appTokens(app, apiUrl, policy);
  return {
    name: 'github',
    baseUrl: apiUrl,
    credential: app ? 'PROVISIONER_APP_PRIVATE_KEY' : 'GITHUB_TOKEN',
    authorize: async (): Promise<Record<string, string>> => {
      const signedIn = tokens ? await tokens.current() : token;
      return signedIn ? { authorization: `Bearer ${signedIn.reveal()}` } : {};
    },
    explain: explainGitHub,
    quirk: (status, { message = '' }) => {
      // Limits are answered with 403, and say so.
      if (status === 403 && /rate limit/i.test(message)) return 'throttled';
      // A token that ended before its time, or that not every server knows yet.
      return status === 401 && tokens?.drop() ? 'retry' : undefined;
    },
  };
}
