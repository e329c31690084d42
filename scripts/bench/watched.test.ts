import { beforeEach, expect, it } from 'vitest';
import type { Change } from '../../action/src/engine/decide.ts';
import type { ErasedKind, Scope } from '../../action/src/engine/kind.ts';
import { toyKind, World } from '../../tests/support/world.ts';
import { type Watch, watch } from './watched.ts';

let now: number;
let kind: ErasedKind;
const looks: string[] = [];

beforeEach(() => {
  now = 0;
  looks.length = 0;
  kind = toyKind(new World(), {
    identify: async ({ address }) => {
      looks.push(address);
      return { state: 'absent' };
    },
  });
});

const change = (address: string): Change => ({
  address,
  kind: 'toy',
  action: 'create',
  danger: 'none',
  differences: [],
  knownAfter: [],
  after: [],
});
const planned = (watched: Watch, ...addresses: string[]) =>
  watched.see({ type: 'plan', agency: 'acme', changes: addresses.map(change) });
const ended = (watched: Watch, address: string) =>
  watched.see({ type: 'outcome', agency: 'acme', address, outcome: 'created', ms: 0 });
const scope = (address: string) => ({ address, inputs: { name: address }, agency: { uid: 'u' } }) as unknown as Scope;
const wrapped = (watched: Watch): ErasedKind => watched.wrap(new Map([['toy', kind]])).get('toy') ?? kind;

it('times a resource from its first look behind the plan', async () => {
  const watched = watch(() => now);
  const toy = wrapped(watched);
  await toy.identify(scope('a'));
  now = 10;
  planned(watched, 'a');
  now = 15;
  await toy.identify(scope('a'));
  now = 18;
  await toy.create(scope('a'));
  now = 30;
  ended(watched, 'a');
  expect(watched.links()).toEqual([{ address: 'a', after: [], createdMs: 3, readyMs: 15 }]);
  expect(watched.endOf('a')).toBe(30);
});

it('lets resources go side by side unless told otherwise', async () => {
  const watched = watch(() => now);
  const toy = wrapped(watched);
  planned(watched, 'a', 'b');
  await Promise.all([toy.identify(scope('b')), toy.identify(scope('a'))]);
  expect(looks).toEqual(['b', 'a']);
});

it('keeps a resource waiting until the one before it has ended, one by one', async () => {
  const watched = watch(() => now, { oneByOne: true });
  const toy = wrapped(watched);
  planned(watched, 'a', 'b');
  const second = toy.identify(scope('b'));
  await toy.identify(scope('a'));
  expect(looks).toEqual(['a']);
  ended(watched, 'a');
  await second;
  expect(looks).toEqual(['a', 'b']);
});

it('gives no time for what has not ended, and none at all for what failed', () => {
  const watched = watch(() => now);
  planned(watched, 'a');
  expect(() => watched.endOf('a')).toThrow('a has not ended');
  expect(() => watched.links()).toThrow('a was not run');
  const error = { class: 'provider', message: 'it broke', remedy: '' } as const;
  expect(() => watched.see({ type: 'outcome', agency: 'acme', address: 'a', outcome: 'failed', ms: 0, error })).toThrow(
    'it broke',
  );
});
