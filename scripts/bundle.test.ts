import { builtinModules } from 'node:module';
import { expect, test } from 'vitest';
import { bundleAction } from './bundle.ts';

test('the same source gives the same bytes', async () => {
  const [first, second] = await Promise.all([bundleAction('/nowhere'), bundleAction('/nowhere')]);
  const digest = ({ outputFiles }: typeof first) => outputFiles.map(({ path, hash }) => [path, hash]);
  expect(digest(first)).toEqual(digest(second));
});

test('what loads at start holds no vendor’s SDK, and nothing is left to be installed', async () => {
  const { metafile } = await bundleAction('/nowhere');
  const entry = Object.keys(metafile.outputs).find((name) => metafile.outputs[name]?.entryPoint !== undefined) ?? '';
  const atStart = new Set([entry]);
  for (const name of atStart) {
    for (const { path, kind, external } of metafile.outputs[name]?.imports ?? []) {
      if (!external && kind === 'import-statement') atStart.add(path);
    }
  }
  const inputs = [...atStart].flatMap((name) => Object.keys(metafile.outputs[name]?.inputs ?? {}));
  expect(inputs.filter((input) => /supabase-js|node_modules\/resend|octokit|local-cloud|undici/.test(input))).toEqual(
    [],
  );
  const outside = Object.values(metafile.outputs).flatMap(({ imports }) => imports.filter(({ external }) => external));
  // resend asks for it only where a mail is a React component.
  const known = new Set(['@react-email/render', ...builtinModules.flatMap((name) => [name, `node:${name}`])]);
  expect(outside.map(({ path }) => path).filter((path) => !known.has(path))).toEqual([]);
});
