import { expect, test } from 'vitest';
import type { Condition } from '../engine/conditions.ts';
import { type Explained, explanation } from './explain.ts';
import { type Standing, statusTable } from './status.ts';

function aCondition(type: Condition['type'], status: Condition['status'], message = 'x'): Condition {
  return { type, status, reason: 'Because', message, lastTransitionTime: '2026-01-01T00:00:00Z' };
}

function aStanding(part: Partial<Standing> = {}): Standing {
  return { slug: 'acme', conditions: [], outputs: {}, due: undefined, problems: [], ...part };
}

function anExplained(part: Partial<Explained> = {}): Explained {
  return { ...aStanding(), inventory: {}, resources: [], ...part };
}

test('each agency is a row with how it stands and what is next', () => {
  const ready = aStanding({
    conditions: [aCondition('Ready', 'True'), aCondition('Notified', 'Unknown')],
    outputs: { instanceUrl: 'https://a.test', schemaVersion: '20260101000000', appRevision: 'abcdef0123' },
  });
  const text = statusTable([ready, aStanding({ slug: 'beta', due: 'it was never completed' })], 200);
  expect(text.split('\n')).toEqual([
    'AGENCY  READY  NOTIFIED  SCHEMA          APP      ADDRESS         NEXT',
    'acme    yes    …         20260101000000  abcdef0  https://a.test  -',
    'beta    no     no        -               -        -               apply: it was never completed',
    '',
  ]);
});

test('who waits for a person, and whose manifest is broken, say so', () => {
  const stalled = aStanding({ conditions: [aCondition('Stalled', 'True', 'two of them')], due: 'it is not Ready' });
  expect(statusTable([stalled], 200)).toContain('waits for a person: two of them');
  expect(statusTable([aStanding({ problems: ['agencies/acme.yaml:1:1 bad'] })], 200)).toContain(
    'mend the manifest: agencies/acme.yaml:1:1 bad',
  );
});

test('where nothing can be read of a broken manifest, nothing is claimed; what can be read is shown', () => {
  const problems = ['bad'];
  const read = { conditions: [aCondition('Ready', 'True')], outputs: { instanceUrl: 'https://a.test' } };
  const rows = statusTable([aStanding({ problems }), aStanding({ slug: 'beta', problems, ...read })], 200).split('\n');
  expect(rows[1]?.split(/ {2,}/)).toEqual(['acme', '?', '?', '?', '?', '?', 'mend the manifest: bad']);
  expect(rows[2]?.split(/ {2,}/)).toEqual(['beta', 'yes', 'no', '-', '-', 'https://a.test', 'mend the manifest: bad']);
});

test('no row is wider than the terminal', () => {
  const wide = aStanding({ due: 'w'.repeat(300), outputs: { instanceUrl: `https://${'x'.repeat(100)}.test` } });
  expect(
    Math.max(
      ...statusTable([wide], 80)
        .split('\n')
        .map((line) => line.length),
    ),
  ).toBeLessThanOrEqual(80);
});

test('without agencies it says how to begin', () => {
  expect(statusTable([], 80)).toContain('provision -- new');
});

test('an explanation says what is not there, what it waits for, and what to do', () => {
  const after = [{ address: 'supabase.project', stage: 'ready' as const }];
  const text = explanation(
    anExplained({
      due: 'it was never completed',
      resources: [
        { address: 'supabase.project', after: [] },
        { address: 'supabase.auth', after },
        { address: 'vercel.project', after: [] },
      ],
      inventory: { 'supabase.project': { intent: '2026-01-01T00:00:00Z' }, 'vercel.project': { id: 'prj_1' } },
    }),
  );
  expect(text).toContain('acme: due, because it was never completed');
  expect(text).toContain('supabase.project  a create was begun at 2026-01-01T00:00:00Z and not finished');
  expect(text).toContain('supabase.auth is not there yet; it waits for supabase.project');
  expect(text).not.toContain('vercel.project is not there yet');
  expect(text).toContain('npm run provision -- apply acme');
});

test('conditions stand with their reason and their time', () => {
  const text = explanation(anExplained({ conditions: [aCondition('Ready', 'False', 'the build failed')] }));
  expect(text).toContain('Ready  False  Because: the build failed (since 2026-01-01T00:00:00Z)');
});

test.each<[string, Partial<Explained>, string]>([
  ['all is well', {}, 'What to do:\n  Nothing.'],
  ['a person must decide', { conditions: [aCondition('Stalled', 'True')], due: 'x' }, 'provision -- plan acme'],
  ['the manifest is broken', { problems: ['bad'] }, 'provision -- validate'],
])('when %s, the advice fits', (_, part, advice) => {
  expect(explanation(anExplained(part))).toContain(advice);
});

test('an agency at rest says so, and that nothing is left to do', () => {
  const rest = { ...aCondition('Ready', 'False', 'its app is paused'), reason: 'Suspended' };
  expect(statusTable([aStanding({ conditions: [rest] })], 200)).toContain('suspended: its app is paused');
  expect(explanation(anExplained({ conditions: [rest] }))).toMatch(/^acme: nothing is left to do, it is suspended\n/);
  const due = { conditions: [rest], due: 'what is wished has changed' };
  expect(statusTable([aStanding(due)], 200)).toContain('apply: what is wished has changed');
});
