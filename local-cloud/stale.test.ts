import { describe, expect, it } from 'vitest';
import { isHidden } from './stale.ts';

describe('what a service hides', () => {
  const list = (headers = {}) => new Request('http://cloud.test/v1/projects', { headers });

  it('is nothing without a fault', () => {
    expect(isHidden(list(), 1_000, 1_000)).toBe(false);
  });

  it('is what is younger than the fault says', () => {
    const stale = list({ 'x-cloud-stale': '500' });
    expect([isHidden(stale, 499, 1_000), isHidden(stale, 500, 1_000), isHidden(stale, 501, 1_000)]).toEqual([
      false,
      false,
      true,
    ]);
  });
});
