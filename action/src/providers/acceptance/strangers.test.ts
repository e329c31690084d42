import { describe, expect, it } from 'vitest';
import { foreignKey } from './strangers.ts';

describe('foreignKey', () => {
  it('has the form of the instance’s own key, and is another one in every letter', () => {
    const own = 'sb_publishable_azAZ09-_bcdefghijklmno_12345678';
    expect(foreignKey(own)).toBe('sb_publishable_baBA10-_cdefghijklmnop_23456789');
  });

  it('changes a key of an unknown form, too', () => {
    expect(foreignKey('eyJhbGciOi')).toBe('fzKicHdjPj');
  });

  it('is the same each time, so that a repeated check knocks with the same key', () => {
    expect(foreignKey('sb_publishable_abc')).toBe(foreignKey('sb_publishable_abc'));
  });
});
