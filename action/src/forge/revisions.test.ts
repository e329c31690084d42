import { expect, test } from 'vitest';
import { manualClock } from '../../../tests/support/clock.ts';
import { BlockedError, ProviderError } from '../engine/errors.ts';
import { Secret } from '../lib/secret.ts';
import { atMost, githubRevisions, type Lookups } from './revisions.ts';

const SHA = 'a'.repeat(40);

interface Seen {
  readonly url: string;
  readonly authorization: string | null;
}

/** GitHub as one function; records what it was asked. */
function github(answer: (url: string) => Response, token?: string) {
  const seen: Seen[] = [];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    seen.push({ url: request.url, authorization: request.headers.get('authorization') });
    return answer(request.url);
  };
  const access = { apiUrl: 'https://github.test', ...(token !== undefined && { token: new Secret(token) }) };
  return { seen, find: githubRevisions(access, { clock: manualClock(), fetch, random: () => 0, attempts: 2 }) };
}

/** The error in the place of the one commit that was asked for. */
async function failure(work: Promise<Lookups>): Promise<ProviderError> {
  const [found] = (await work).values();
  if (!(found instanceof ProviderError)) throw new Error('it succeeded');
  return found;
}

test('a ref is looked up once, with the token, and encoded', async () => {
  const { find, seen } = github(() => Response.json({ sha: SHA, more: true }), 'ghs_token');
  const found = await find(new Set(['acme/app@feature/a b']));
  expect(found).toEqual(new Map([['acme/app@feature/a b', SHA]]));
  expect(seen).toEqual([
    { url: 'https://github.test/repos/acme/app/commits/feature%2Fa%20b', authorization: 'Bearer ghs_token' },
  ]);
});

test('a commit needs no call, and no token sends no header', async () => {
  const { find, seen } = github(() => Response.json({ sha: SHA }));
  expect(await find(new Set([`acme/app@${'b'.repeat(40)}`]))).toEqual(
    new Map([[`acme/app@${'b'.repeat(40)}`, 'b'.repeat(40)]]),
  );
  expect(seen).toEqual([]);
  await find(new Set(['acme/app@main']));
  expect(seen[0]?.authorization).toBeNull();
});

test('a ref that does not exist is named with the way to mend it', async () => {
  const { find } = github(() => Response.json({ message: 'No commit found for SHA: v9' }, { status: 422 }));
  const error = await failure(find(new Set(['acme/app@v9'])));
  expect(error).toMatchObject({ class: 'provider', failure: { vendor: 'github', status: 422, transient: false } });
  expect(error.message).toBe('github: acme/app has no branch, tag or commit called v9');
  expect(error.remedy).toContain('app.ref');
});

test('a repository that cannot be seen names the token and its least scope', async () => {
  const { find } = github(() => Response.json({ message: 'Not Found' }, { status: 404 }));
  const error = await failure(find(new Set(['acme/app@main'])));
  expect(error.message).toContain('GITHUB_TOKEN may not read it');
  expect(error.remedy).toContain('contents: read on acme/app');
});

test('a wrong token is named', async () => {
  const { find } = github(() => Response.json({ message: 'Bad credentials' }, { status: 401 }), 'ghs_wrong');
  expect((await failure(find(new Set(['acme/app@main'])))).remedy).toContain('Check GITHUB_TOKEN');
});

test('the hourly limit passes by itself: tried again, then reported as transient', async () => {
  const { find, seen } = github(() =>
    Response.json({ message: 'API rate limit exceeded for 1.2.3.4.' }, { status: 403 }),
  );
  const error = await failure(find(new Set(['acme/app@main'])));
  expect(seen).toHaveLength(2);
  expect(error.failure.transient).toBe(true);
});

test('an answer without a commit is not believed', async () => {
  const { find } = github(() => Response.json({ sha: 'main' }));
  expect((await failure(find(new Set(['acme/app@main'])))).message).toContain('unreadable');
});

test('one ref that does not exist leaves the others found', async () => {
  const { find } = github((url) =>
    url.endsWith('/typo') ? new Response('{}', { status: 422 }) : Response.json({ sha: SHA }),
  );
  const found = await find(new Set(['acme/app@typo', 'acme/app@v1']));
  expect(found.get('acme/app@v1')).toBe(SHA);
  expect(found.get('acme/app@typo')).toBeInstanceOf(ProviderError);
});

test('no more refs are looked up than may be, and the others say so', async () => {
  const { find, seen } = github(() => Response.json({ sha: SHA }));
  const found = await atMost(2, find)(new Set(['acme/app@a', 'acme/app@b', 'acme/app@c']));
  expect(seen).toHaveLength(2);
  expect([...found.keys()]).toEqual(['acme/app@a', 'acme/app@b', 'acme/app@c']);
  expect(found.get('acme/app@b')).toBe(SHA);
  const left = found.get('acme/app@c');
  expect(left).toBeInstanceOf(BlockedError);
  expect(String(left)).toContain('more than 2 different refs');
});
