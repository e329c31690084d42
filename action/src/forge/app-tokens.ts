import * as z from 'zod';
import { createLimiter } from '../lib/limiter.ts';
import { Secret } from '../lib/secret.ts';
import { createHttp, type HttpPolicy } from '../providers/http.ts';
import { explainGitHub, headersOf } from './protocol.ts';

/** A GitHub App that is installed on the control room. */
export interface AppAccess {
  readonly clientId: string;
  /** PEM, as GitHub hands it out. */
  readonly privateKey: Secret;
  /** `owner/name` of a repository that it is installed on. */
  readonly repository: string;
}

export interface AppTokens {
  /** A token with time left; a new one is asked for when the last one ends soon. */
  current(): Promise<Secret>;
  /** Forgets the last one, and says whether there was one to forget. */
  drop(): boolean;
}

/** They last an hour of the vendor's time; a request that begins now must be over before its token ends. */
const GOOD_FOR_MS = 55 * 60_000;
const created = z.object({ token: z.string().min(8) });
const installation = z.object({ id: z.number() });

/** https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app */
export function appTokens(
  { clientId, privateKey, repository }: AppAccess,
  apiUrl: string,
  policy: HttpPolicy,
): AppTokens {
  const { clock } = policy;
  const http = createHttp(
    {
      name: 'github',
      baseUrl: apiUrl,
      credential: 'PROVISIONER_APP_CLIENT_ID and PROVISIONER_APP_PRIVATE_KEY',
      authorize: async () => {
        const { default: sign } = await import('universal-github-app-jwt');
        const now = Math.floor(clock.now() / 1_000);
        const { token } = await sign({ id: clientId, privateKey: privateKey.reveal(), now });
        return { authorization: `Bearer ${new Secret(token).reveal()}` };
      },
      explain: explainGitHub,
    },
    policy,
    createLimiter(clock),
  );
  let last: { readonly token: Promise<{ readonly secret: Secret; readonly goodUntil: number }> } | undefined;

  const renew = async () => {
    const askedAt = clock.elapsed();
    const found = await http.request({
      operation: 'find the App’s installation',
      method: 'GET',
      path: `/repos/${repository}/installation`,
      headers: headersOf(),
      scope: 'read',
      schema: installation,
    });
    const made = await http.request({
      operation: 'make a token for the App',
      method: 'POST',
      path: `/app/installations/${found?.id}/access_tokens`,
      headers: headersOf(),
      scope: 'write',
      // A token too many ends by itself.
      repeatable: true,
      schema: created,
    });
    if (!made) throw new Error('GitHub gave no token');
    return { secret: new Secret(made.token), goodUntil: askedAt + GOOD_FOR_MS };
  };

  return {
    current: async () => {
      if (last && (await last.token).goodUntil <= clock.elapsed()) last = undefined;
      last ??= { token: renew() };
      const mine = last;
      try {
        return (await mine.token).secret;
      } catch (thrown) {
        if (last === mine) last = undefined;
        throw thrown;
      }
    },
    drop: () => {
      const had = last !== undefined;
      last = undefined;
      return had;
    },
  };
}
