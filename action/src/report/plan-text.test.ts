import { expect, test } from 'vitest';
import type { Change } from '../engine/decide.ts';
import { planCounts, planText } from './plan-text.ts';
import { widthOf } from './text.ts';

function aChange(part: Partial<Change> & Pick<Change, 'address' | 'action'>): Change {
  return { kind: part.address, danger: 'none', differences: [], knownAfter: [], after: [], ...part };
}

test('what is created says what it waits to know', () => {
  const changes = [
    aChange({ address: 'supabase.project', action: 'create' }),
    aChange({
      address: 'vercel.env',
      action: 'create',
      knownAfter: ['vercel.project.id', 'supabase.keys.secretKey', 'supabase.keys.publishableKey'],
    }),
  ];
  expect(planText({ agency: 'acme', changes })).toBe(
    [
      'acme: 2 to create',
      '  + supabase.project  create',
      '  + vercel.env        create, known after vercel.project, supabase.keys',
    ].join('\n'),
  );
});

test('an update shows its differences and hides what stays as it is', () => {
  const differences = [
    { path: 'FEATURE', before: 'on', after: 'off' },
    { path: 'NEW', after: '' },
    { path: 'OLD', before: 'x' },
    { path: 'AGENCY_KEY', writeOnly: true },
    { path: 'disable_signup', before: 'true', after: 'false', lowersProtection: true },
  ];
  const changes = [
    aChange({ address: 'vercel.project', action: 'noop' }),
    aChange({ address: 'vercel.env', action: 'update', differences, danger: 'lower-protection' }),
  ];
  expect(planText({ agency: 'acme', changes })).toBe(
    [
      'acme: 1 to update, 1 unchanged — 1 dangerous change',
      '  ~ vercel.env  update',
      '      FEATURE: on -> off',
      '      NEW: ""',
      '      OLD: x -> (removed)',
      '      AGENCY_KEY (cannot be read back)',
      '      disable_signup: true -> false (lowers protection)',
      '      DANGEROUS: it makes it less protected than it is',
    ].join('\n'),
  );
  expect(planText({ agency: 'acme', changes }, { all: true })).toContain('\n    vercel.project  unchanged\n');
});

test('what is blocked says why and how to go on', () => {
  const blocked = aChange({
    address: 'supabase.project',
    action: 'blocked',
    because: 'two projects are called so',
    remedy: 'Rename one.',
  });
  expect(planText({ agency: 'acme', changes: [blocked] })).toBe(
    [
      'acme: 1 blocked',
      '  ! supabase.project  blocked',
      '      two projects are called so',
      '      -> Rename one.',
    ].join('\n'),
  );
});

test('an adoption names the id and its danger', () => {
  const adopt = aChange({ address: 'vercel.project', action: 'adopt', id: 'prj_1', danger: 'adopt' });
  const text = planText({ agency: 'acme', changes: [adopt] });
  expect(text).toContain('> vercel.project  adopt prj_1');
  expect(text).toContain('DANGEROUS: it takes over what is not ours yet');
});

test('nothing to change is one line, unless somebody changed what is theirs', () => {
  const still = aChange({ address: 'supabase.owner', action: 'noop' });
  expect(planText({ agency: 'acme', changes: [still] })).toBe('acme: nothing to change');
  const said = { ...still, because: 'the owner changed their mail' };
  expect(planText({ agency: 'acme', changes: [said] })).toContain('the owner changed their mail');
});

test('every line fits the width, whatever the vendor wrote', () => {
  const long = 'word '.repeat(80);
  const change = aChange({
    address: 'supabase.project',
    action: 'blocked',
    because: long,
    remedy: long,
    differences: [{ path: 'p'.repeat(200), before: 'b'.repeat(300), after: long }],
  });
  for (const line of planText({ agency: 'acme', changes: [change] }, { width: 60 }).split('\n')) {
    expect(widthOf(line)).toBeLessThanOrEqual(60);
  }
});

test('foreign text can neither break the line nor colour the terminal', () => {
  const differences = [{ path: 'NAME', before: 'a\nb', after: '\u001b[31mred\u202e' }];
  const change = aChange({ address: 'vercel.env', action: 'update', differences });
  expect(planText({ agency: 'acme', changes: [change] }).split('\n')[2]).toBe('      NAME: a b -> [31mred');
});

test('every action has its place in the counts', () => {
  const actions = ['create', 'update', 'replace', 'delete', 'recover', 'adopt', 'blocked', 'noop'] as const;
  expect(planCounts(actions.map((action) => aChange({ address: `a.${action}`, action })))).toBe(
    '1 to create, 1 to update, 1 to replace, 1 to delete, 1 to recover, 1 to adopt, 1 blocked, 1 unchanged',
  );
});
