import { expect, test } from 'vitest';
import * as z from 'zod';
import { aControlForge, type Between } from '../../../tests/support/control-forge.ts';

/** The control room through an App's eyes. */
async function throughApp(before?: Between) {
  const rig = await aControlForge({ as: 'app', ...(before && { before }) });
  const branch = () =>
    rig.repository.request({
      operation: 'read the branch',
      method: 'GET',
      path: '/git/ref/heads/main',
      scope: 'read',
      schema: z.object({ object: z.object({ sha: z.string() }) }),
    });
  const made = () => rig.sent.filter((one) => one.endsWith('/access_tokens')).length;
  return { ...rig, branch, made };
}

const refusal = (message: string) => Response.json({ message }, { status: 401 });

test('many requests at once share one token', async () => {
  const { branch, made } = await throughApp();
  const found = await Promise.all([branch(), branch(), branch()]);
  expect(new Set(found.map((one) => one?.object.sha)).size).toBe(1);
  expect(made()).toBe(1);
});

test('a run that outlives its token goes on with a new one', async () => {
  const { branch, made, clock } = await throughApp();
  await branch();
  clock.advance(50 * 60_000);
  await branch();
  expect(made()).toBe(1);
  clock.advance(6 * 60_000);
  await branch();
  expect(made()).toBe(2);
});

test('a token that is refused before its time is replaced', async () => {
  let refusals = 1;
  const { branch, made } = await throughApp(({ url }) =>
    url.includes('/git/ref/') && refusals-- > 0 ? refusal('Bad credentials') : undefined,
  );
  expect(await branch()).toBeDefined();
  expect(made()).toBe(2);
});

test('an App that is not installed is named with its variables, and asked again the next time', async () => {
  let installed = false;
  const { branch } = await throughApp(({ url }) =>
    !installed && url.endsWith('/installation') ? refusal('Integration not found') : undefined,
  );
  await expect(branch()).rejects.toMatchObject({
    class: 'provider',
    remedy: expect.stringContaining('PROVISIONER_APP_PRIVATE_KEY'),
  });
  installed = true;
  expect(await branch()).toBeDefined();
});
