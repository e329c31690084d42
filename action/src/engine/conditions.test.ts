import { describe, expect, it } from 'vitest';
import { Secret } from '../lib/secret.ts';
import { type Condition, conditionsAfter, conditionsAtStart } from './conditions.ts';
import { whyDue } from './due.ts';
import { BlockedError, ProviderError, type ProvisionerError, WaitingError } from './errors.ts';
import type { Outcome } from './schedule.ts';

const AT = '2026-01-02T00:00:00Z';
const blocked = new BlockedError('it is gone', 'Decide.');
const down = new ProviderError(
  { vendor: 'toy', operation: 'x', status: 502, transient: true, ambiguous: false },
  'toy is down',
  'Run again.',
);
const refused = new ProviderError(
  { vendor: 'toy', operation: 'x', status: 403, transient: false, ambiguous: false },
  'no',
  'Ask.',
);

function anOutcome(over: Partial<Outcome> = {}): Outcome {
  return { address: 'toy', condition: 'Ready', result: 'unchanged', ms: 0, ...over };
}
const failed = (error: ProvisionerError, over: Partial<Outcome> = {}) =>
  anOutcome({ result: 'failed', error, ...over });
const mail = (over: Partial<Outcome> = {}) => anOutcome({ address: 'mail', condition: 'Notified', ...over });
const brief = (conditions: readonly Condition[]) =>
  conditions.map(({ type, status, reason }) => `${type}=${status} ${reason}`);

describe('conditions', () => {
  it('are Ready and Notified, and nothing else, when all is well', () => {
    expect(brief(conditionsAfter([anOutcome(), mail()], [], AT))).toEqual([
      'Ready=True Accepted',
      'Notified=True Sent',
    ]);
  });

  it.each([
    ['Stalled', 'Blocked', blocked],
    ['Stalled', 'VendorFailed', refused],
    ['Reconciling', 'VendorFailed', down],
    ['Reconciling', 'Waiting', new WaitingError('not yet', 'Run again.')],
  ])('say %s when the cause is %s', (type, reason, error) => {
    const conditions = conditionsAfter([failed(error), mail({ result: 'skipped' })], [], AT);
    expect(brief(conditions)).toEqual([`Ready=False ${reason}`, `Notified=False ${reason}`, `${type}=True ${reason}`]);
  });

  it('stay Ready when only the mail failed', () => {
    const conditions = conditionsAfter([anOutcome(), mail({ result: 'failed', error: down })], [], AT);
    expect(brief(conditions).slice(0, 2)).toEqual(['Ready=True Accepted', 'Notified=False VendorFailed']);
  });

  it('claim nothing about what no outcome spoke of', () => {
    const before = conditionsAfter([anOutcome(), mail()], [], AT);
    expect(brief(conditionsAfter([failed(blocked)], [], AT))).toContain('Notified=Unknown NotReached');
    expect(brief(conditionsAfter([failed(blocked)], before, AT))).toContain('Notified=True Sent');
  });

  it('keep one sentence of a message that goes on with a log', () => {
    const long = new BlockedError(`the build failed\n2026-01-01 dpl_1 ${'x'.repeat(2_000)}`, 'Mend it.');
    expect(conditionsAfter([failed(long)], [], AT)[0]?.message).toBe('toy: the build failed');
    const wide = new BlockedError('x'.repeat(2_000), 'Mend it.');
    expect(conditionsAfter([failed(wide)], [], AT)[0]?.message.length).toBeLessThan(320);
  });

  it('leave no half of a secret at the cut', () => {
    const secret = new Secret('canary-half-of-a-secret-0123456789');
    const long = new BlockedError(`${'x'.repeat(275)} ${secret.reveal()}`, 'Mend it.');
    expect(conditionsAfter([failed(long)], [], AT)[0]?.message).not.toContain('canary');
  });

  it('keep the time of the last transition while the status stays', () => {
    const before = conditionsAfter([anOutcome(), mail()], [], '2026-01-01T00:00:00Z');
    const after = conditionsAfter([anOutcome(), mail({ result: 'failed', error: down })], before, AT);
    expect(after.map(({ lastTransitionTime }) => lastTransitionTime)).toEqual(['2026-01-01T00:00:00Z', AT, AT]);
  });

  it('say that a run is under way without forgetting what was true before', () => {
    const before = conditionsAfter([anOutcome(), mail()], [], AT);
    expect(brief(conditionsAtStart(before, AT))).toEqual([
      'Ready=True Accepted',
      'Notified=True Sent',
      'Reconciling=True Provisioning',
    ]);
    expect(brief(conditionsAtStart([], AT))[0]).toBe('Ready=Unknown Provisioning');
  });
});

describe('an agency that is put to rest', () => {
  const rest = { reason: 'Suspended', message: 'its app is paused' } as const;

  it('is not Ready, and says that this is meant', () => {
    const before = conditionsAfter([anOutcome(), mail()], [], AT);
    const after = conditionsAfter([anOutcome()], before, '2026-02-01T00:00:00Z', rest);
    expect(brief(after)).toEqual(['Ready=False Suspended', 'Notified=True Sent']);
    expect(after[0]).toMatchObject({ message: 'its app is paused', lastTransitionTime: '2026-02-01T00:00:00Z' });
    expect(brief(conditionsAfter([], before, AT, rest))[0], 'with nothing left').toBe('Ready=False Suspended');
  });

  it('says what went wrong where something did', () => {
    expect(brief(conditionsAfter([failed(blocked)], [], AT, rest))).toEqual([
      'Ready=False Blocked',
      'Notified=Unknown NotReached',
      'Stalled=True Blocked',
    ]);
  });

  it('is not due, sent mail or not, until its target changes', () => {
    const conditions = conditionsAfter([], [], AT, rest);
    const settled = { targetDigest: 'sha256:1', observedSpecDigest: 'sha256:1', conditions, resources: [] };
    expect(whyDue(settled)).toBeUndefined();
    expect(whyDue({ ...settled, targetDigest: 'sha256:2' })).toContain('has changed');
    expect(whyDue({ ...settled, conditions: conditionsAtStart(conditions, AT) })).toContain('did not come to its end');
  });
});

describe('whyDue', () => {
  const settled = {
    targetDigest: 'sha256:1',
    observedSpecDigest: 'sha256:1',
    conditions: conditionsAfter([anOutcome(), mail()], [], AT),
    resources: [{ id: 'id-1' }],
  };

  it('finds nothing to do when digest, conditions and intents are settled', () => {
    expect(whyDue(settled)).toBeUndefined();
  });

  it.each([
    ['never completed', { observedSpecDigest: undefined }],
    ['has changed', { targetDigest: 'sha256:2' }],
    ['not Ready', { conditions: conditionsAfter([failed(blocked), mail()], [], AT) }],
    ['not Notified', { conditions: conditionsAfter([anOutcome(), mail({ result: 'failed', error: down })], [], AT) }],
    ['begun and not finished', { resources: [{ intent: AT }] }],
    ['begun and not finished', { resources: [{ id: 'old', intent: AT }] }],
    [
      'waited for a person',
      { conditions: [...settled.conditions, ...conditionsAfter([failed(blocked)], [], AT).slice(-1)] },
    ],
    ['did not come to its end', { conditions: conditionsAtStart(settled.conditions, AT) }],
  ])('is due when it was %s', (why, over) => {
    expect(whyDue({ ...settled, ...over })).toContain(why);
  });
});
