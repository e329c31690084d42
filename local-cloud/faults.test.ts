import { describe, expect, it } from 'vitest';
import { Faults, type FaultTarget, faultSchema } from './faults.ts';

const target: FaultTarget = { service: 'supabase', method: 'POST', paths: ['/v1/projects', '/supabase/v1/projects'] };

function hits(fault: object, requests: readonly FaultTarget[]): boolean[] {
  const faults = new Faults();
  faults.add(faultSchema.parse({ effect: 'drop-before', ...fault }));
  return requests.map((request) => faults.take(request) !== undefined);
}

describe('which request a fault hits', () => {
  const four = [target, target, target, target];

  it.each([
    ['the first match, once, unless told', {}, [true, false, false, false]],
    ['the nth match', { nth: 3 }, [false, false, true, false]],
    ['count matches from the nth on', { nth: 2, count: 2 }, [false, true, true, false]],
    ['every match from the nth on for count 0', { nth: 2, count: 0 }, [false, true, true, true]],
    ['every match for count "always"', { count: 'always' }, [true, true, true, true]],
  ])('%s', (_name, fault, expected) => {
    expect(hits(fault, four)).toEqual(expected);
  });

  it.each([
    ['service', { service: 'vercel' }],
    ['method', { method: 'GET' }],
    ['path', { path: '^/v1/projects/.+' }],
  ])('none whose %s differs, and those do not count', (_name, fault) => {
    expect(hits({ ...fault, count: 'always' }, four)).toEqual([false, false, false, false]);
  });

  it('takes a method in lower case and a path in any of its spellings', () => {
    expect(hits({ method: 'post', path: '^/supabase/v1/projects$' }, [target])).toEqual([true]);
    expect(hits({ path: '^/v1/projects$' }, [target])).toEqual([true]);
  });

  it('counts only matches', () => {
    const other = { ...target, method: 'GET' };
    expect(hits({ method: 'POST', nth: 2 }, [other, target, other, target])).toEqual([false, false, false, true]);
  });
});

describe('several faults', () => {
  it('each count for themselves; the one registered first wins', () => {
    const faults = new Faults();
    faults.add(faultSchema.parse({ effect: 'status', status: 500, nth: 2 }));
    faults.add(faultSchema.parse({ effect: 'garbage', count: 'always' }));
    expect(faults.take(target)?.effect).toBe('garbage');
    expect(faults.take(target)?.effect).toBe('status');
    expect(faults.take(target)?.effect).toBe('garbage');
    expect(faults.list().map(({ matched, fired }) => [matched, fired])).toEqual([
      [3, 1],
      [3, 2],
    ]);
  });

  it('are gone when cleared', () => {
    const faults = new Faults();
    faults.add(faultSchema.parse({ effect: 'garbage', count: 'always' }));
    faults.clear();
    expect(faults.take(target)).toBeUndefined();
    expect(faults.list()).toEqual([]);
  });
});

describe('the body of a fault', () => {
  it.each([
    ['an unknown effect', { effect: 'explode' }, 'effect'],
    ['no effect', {}, 'effect'],
    ['a path that is no expression', { effect: 'garbage', path: '(' }, 'path'],
    ['a status fault without a status', { effect: 'status' }, 'status'],
    ['a delay without a duration', { effect: 'delay' }, 'ms'],
    ['stale without a duration', { effect: 'stale' }, 'ms'],
    ['an nth below one', { effect: 'garbage', nth: 0 }, 'nth'],
    ['a negative count', { effect: 'garbage', count: -1 }, 'count'],
    ['another when', { effect: 'hold', when: 'during' }, 'when'],
  ])('is refused for %s, naming the field', (_name, body, field) => {
    const result = faultSchema.safeParse(body);
    expect(result.error?.issues.map((issue) => issue.path.join('.'))).toContain(field);
  });

  it('is refused for a member that does not exist', () => {
    expect(faultSchema.safeParse({ effect: 'garbage', times: 3 }).success).toBe(false);
  });
});
