import { expect, test } from 'vitest';
import type { Change } from '../../action/src/engine/decide.ts';
import type { Event } from '../../action/src/engine/events.ts';
import { applyByName } from '../../action/src/engine/policy.ts';
import type { Arguments } from './command.ts';
import { reporting } from './reporting.ts';
import { inSameRoom } from './same-room.ts';

const remedy = `If it is meant, ${applyByName('acme')}.`;
const change: Change = {
  address: 'vercel.project',
  action: 'blocked',
  danger: 'adopt',
  kind: 'vercel.project',
  differences: [],
  knownAfter: [],
  after: [],
  because: 'nobody agreed',
  remedy,
};
const error = { class: 'blocked', message: 'nobody agreed', remedy } as const;
const events: readonly Event[] = [
  { type: 'plan', agency: 'acme', changes: [change] },
  { type: 'agency', agency: 'acme', result: 'blocked', message: 'it is due', error },
  { type: 'run', result: 'blocked', message: 'nobody agreed', agencies: 1, changed: 0, error },
];

/** All that is shown of a run with those events. */
function shown(values: Arguments['values']): string {
  let out = '';
  const world = {
    variables: {},
    cwd: '/',
    signal: new AbortController().signal,
    stdout: {
      columns: 400,
      write: (text: string) => {
        out += text;
      },
    },
    stderr: { write: () => undefined },
  };
  const { emit, end } = reporting({ values, positionals: [] }, world, { plans: 'full' });
  for (const event of events) emit(event);
  end();
  return out;
}

test.each([false, true])('each remedy of a run looks into the same folder, as JSON: %s', (json) => {
  const commands = shown({ dir: '.cache/room', json }).match(/npm run provision -- apply acme.{18}/g);
  expect(commands).toHaveLength(3);
  expect(new Set(commands)).toEqual(new Set(['npm run provision -- apply acme --dir .cache/room']));
  expect(shown({ json })).not.toContain('--dir');
});

test.each([
  ['npm run provision -- validate checks it', 'npm run provision -- validate --dir r checks it'],
  ['npm run provision -- mail resend acme: now', 'npm run provision -- mail resend acme --dir r: now'],
  ['npm run provision -- new <slug> --name …', 'npm run provision -- new <slug> --dir r --name …'],
  ['npm run provision -- help', 'npm run provision -- help'],
])('%j is said as %j', (said, there) => {
  expect(inSameRoom({ values: { dir: 'r' }, positionals: [] })(said)).toBe(there);
});
