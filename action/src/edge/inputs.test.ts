import { expect, test } from 'vitest';
import { readInputs } from './inputs.ts';

/** As the runner writes them: `INPUT_` and the name in capitals, hyphens kept. */
const given = (inputs: Record<string, string>) =>
  readInputs(Object.fromEntries(Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])));

test('nothing given is a plan of what is due', () => {
  expect(given({})).toEqual({
    command: 'plan',
    agencies: [],
    all: false,
    failed: false,
    comment: true,
    live: false,
  });
});

test('empty inputs are as good as none, as a workflow hands what its event lacks', () => {
  const empty = ['agencies', 'all', 'failed', 'base', 'pull-request', 'head', 'comment', 'live', 'request', 'issue'];
  expect(given(Object.fromEntries(empty.map((name) => [name, ' '])))).toEqual(given({}));
});

test('each input has its type', () => {
  expect(given({ command: 'apply', agencies: 'acme, north-light\nsouth', all: 'true', failed: 'false' })).toMatchObject(
    { command: 'apply', agencies: ['acme', 'north-light', 'south'], all: true, failed: false },
  );
  expect(given({ 'pull-request': '7', comment: 'false', live: 'true', base: 'origin/main' })).toMatchObject({
    pull: 7,
    comment: false,
    live: true,
    base: 'origin/main',
  });
  expect(given({ head: 'a'.repeat(40) }).pull).toEqual({ head: 'a'.repeat(40) });
  expect(given({ command: 'intake', request: '42', issue: '9' })).toMatchObject({ request: '42', issue: 9 });
});

test.each([
  [{ command: 'destroy' }, 'the input command is "destroy"'],
  [{ all: 'yes' }, 'the input all is neither true nor false'],
  [{ 'pull-request': '#7' }, 'the input pull-request is no number'],
  [{ issue: '0' }, 'the input issue is no number'],
  [{ head: 'main' }, 'the input head is no commit'],
])('%o is refused by the name of its input', (inputs, why) => {
  expect(() => given(inputs)).toThrow(why);
});
