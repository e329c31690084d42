import { expect, test } from 'vitest';
import { createChance } from '../chance.ts';
import type { CloudContext } from '../service.ts';
import { ManualClock } from '../testing.ts';
import { commitOf, defaultRepositories } from '../vercel/options.ts';
import { githubService } from './service.ts';

const context: CloudContext = {
  dir: '/nowhere',
  clock: new ManualClock(),
  chance: createChance('test'),
  origin: () => 'http://cloud.invalid',
};
const token = 'ghs_right';
const app = 'example/agency-app';

function get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Response> {
  const service = githubService(context, { token, repositories: defaultRepositories });
  return service.fetch(new Request(`http://cloud.invalid${path}`, { method, headers }));
}

test.each(['v1.4.0', 'heads/v1.4.0', 'refs%2Ftags%2Fv1.4.0', commitOf(app, 'v1.4.0')])(
  '%s stands for one commit',
  async (ref) => {
    const response = await get(`/repos/${app}/commits/${ref}`, { authorization: `Bearer ${token}` });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ sha: commitOf(app, 'v1.4.0') });
  },
);

test('the commit is given as text to who asks for that', async () => {
  const response = await get(`/repos/${app}/commits/main`, { accept: 'application/vnd.github.sha' });
  expect(await response.text()).toBe(commitOf(app, 'main'));
});

test('a repository is found whatever its capitals', async () => {
  expect((await get('/repos/Example/Agency-App/commits/main')).status).toBe(200);
});

test('an unknown ref is a 422, an unknown repository a 404, in GitHub’s shape', async () => {
  const ref = await get(`/repos/${app}/commits/nope`);
  expect(ref.status).toBe(422);
  expect(await ref.json()).toMatchObject({ message: 'No commit found for SHA: nope', status: '422' });
  const repository = await get('/repos/example/other/commits/main');
  expect(repository.status).toBe(404);
  expect(await repository.json()).toMatchObject({ message: 'Not Found' });
});

test('a wrong token is refused, though none at all is fine', async () => {
  const response = await get(`/repos/${app}/commits/main`, { authorization: 'Bearer ghs_wrong' });
  expect(response.status).toBe(401);
  expect(await response.json()).toMatchObject({ message: 'Bad credentials' });
});

test.each([
  ['GET', '/gists'],
  ['GET', `/repos/${app}`],
  ['GET', `/repos/${app}/pulls`],
  ['POST', '/graphql'],
])('%s %s is not made up', async (method, path) => {
  expect((await get(path, { authorization: `Bearer ${token}` }, method)).status).toBe(501);
});
