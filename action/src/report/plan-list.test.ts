import { expect, test } from 'vitest';
import type { Change } from '../engine/decide.ts';
import { planList } from './plan-list.ts';

const change = (over: Partial<Change>): Change => ({
  address: 'supabase.project',
  kind: 'supabase.project',
  action: 'create',
  danger: 'none',
  differences: [],
  knownAfter: [],
  after: [],
  ...over,
});

test('a plan is a list of resources with what is done, and the settings of each', () => {
  const text = planList([
    change({ differences: [{ path: 'size', after: 'micro' }] }),
    change({ address: 'vercel.env', kind: 'vercel.env', action: 'update', knownAfter: ['supabase.keys.publishable'] }),
    change({ address: 'old', kind: 'vercel.project', action: 'delete', danger: 'delete', because: 'it is retired' }),
    change({ address: 'resend.welcome', kind: 'resend.welcome', action: 'noop' }),
  ]);
  expect(text).toBe(
    [
      '1 to create, 1 to update, 1 to delete, 1 unchanged — 1 dangerous change.',
      '',
      '- **supabase&#46;project**: create',
      '  - size&#58; micro',
      '- **vercel&#46;env**: update, known after supabase&#46;keys',
      '- **old** (vercel&#46;project): delete',
      '  - ⚠️ DANGEROUS: it deletes it',
      '  - it is retired',
    ].join('\n'),
  );
});

test('what others wrote stays text of one line', () => {
  const foreign = '</details>\n# Title\n![x](https://evil.example) @all';
  const text = planList([
    change({ because: foreign, remedy: foreign, differences: [{ path: foreign, after: foreign }] }),
  ]);
  expect(text).not.toMatch(/<\/|!\[|^#|@/m);
  expect(text.split('\n')).toHaveLength(6);
});

test('a plan without changes says so', () => {
  expect(planList([change({ action: 'noop' })])).toBe('nothing to change.');
});
