import { beforeEach, describe, expect, it } from 'vitest';
import { manualClock } from '../../../tests/support/clock.ts';
import { BlockedError, WaitingError } from '../engine/errors.ts';
import { Ref } from '../engine/resource.ts';
import type { Outcome } from '../engine/schedule.ts';
import { Secret } from '../lib/secret.ts';
import type { Status } from '../manifest/schema.ts';
import { type Progress, type ProgressInput, progressOf } from './progress.ts';

const START = '2026-01-01T00:00:00Z';
let saved: Status[];
beforeEach(() => {
  saved = [];
});

function begin(over: Partial<ProgressInput> = {}): Progress {
  return progressOf({
    file: 'agencies/acme.yaml',
    before: undefined,
    targetDigest: 'sha256:new',
    revision: 'c0ffee',
    outputs: { instanceUrl: new Ref('site', 'url'), token: new Ref('site', 'token') },
    recorder: { save: async (_, status) => void saved.push(structuredClone(status)), flush: async () => undefined },
    clock: manualClock(Date.parse(START)),
    ...over,
  });
}
const outcome = (over: Partial<Outcome> = {}): Outcome => ({
  address: 'site',
  condition: 'Ready',
  result: 'created',
  ms: 1,
  ...over,
});
const mailed = outcome({ address: 'mail', condition: 'Notified' });
const outputs = new Map([['site', { url: 'https://acme.example', token: new Secret('canary-output-secret') }]]);
const success = { outcomes: [outcome(), mailed], outputs };
const failure = {
  outcomes: [outcome({ result: 'blocked', error: new BlockedError('it is gone', 'Decide.') }), mailed],
  outputs: new Map(),
};

async function settled(): Promise<Status> {
  const progress = begin();
  await progress.checkpoint('site', { id: 'id-1' });
  return progress.finish(success);
}

describe('progress', () => {
  it('records each checkpoint as a run under way, before it returns', async () => {
    await begin().checkpoint('site', { intent: START });
    expect(saved).toHaveLength(1);
    expect(saved[0]).toMatchObject({ startedAt: START, resources: { site: { intent: START } } });
    expect(saved[0]?.conditions.map(({ type, status }) => `${type}=${status}`)).toEqual([
      'Ready=Unknown',
      'Notified=Unknown',
      'Reconciling=True',
    ]);
  });

  it('knows a run that was killed from one that ended, however it ended', async () => {
    await begin().checkpoint('site', { intent: START });
    const [killed] = saved;
    expect(begin({ before: killed }).afterKill).toBe(true);
    expect(begin().afterKill).toBe(false);
    expect(begin({ before: await settled() }).afterKill).toBe(false);
    expect(begin({ before: await begin({ before: killed }).finish(failure) }).afterKill).toBe(false);
    const later = new WaitingError('the run was stopped', 'Run again.');
    expect(begin({ before: await begin().stopped(later) }).afterKill).toBe(false);
  });

  it('ends with digest, revision, times, outputs and no secret', async () => {
    const status = await settled();
    expect(status).toEqual(saved.at(-1));
    expect(status).toMatchObject({
      observedSpecDigest: 'sha256:new',
      lastAppliedRevision: 'c0ffee',
      startedAt: START,
      completedAt: START,
      outputs: { instanceUrl: 'https://acme.example' },
      resources: { site: { id: 'id-1' } },
    });
    expect(status.outputs).not.toHaveProperty('token');
    expect(JSON.stringify(saved)).not.toContain('canary');
  });

  it('writes nothing when the next run finds all as it was', async () => {
    const before = await settled();
    saved = [];
    await begin({ before, revision: 'another', clock: manualClock(Date.parse('2026-02-01T00:00:00Z')) }).finish(
      success,
    );
    expect(saved).toEqual([]);
  });

  it('keeps the digest of the last success when a run fails, so that the agency stays due', async () => {
    const before = await settled();
    const status = await begin({ before, targetDigest: 'sha256:newer' }).finish(failure);
    expect(status.observedSpecDigest).toBe('sha256:new');
    expect(status.outputs.instanceUrl).toBe('https://acme.example');
    expect(status.conditions.map(({ type, status: value }) => `${type}=${value}`)).toEqual([
      'Ready=False',
      'Notified=True',
      'Stalled=True',
    ]);
  });

  it('writes a repeated failure once', async () => {
    const before = await begin().finish(failure);
    saved = [];
    await begin({ before, clock: manualClock(Date.parse('2026-02-01T00:00:00Z')) }).finish(failure);
    expect(saved).toEqual([]);
  });

  it('records what stopped the run before anything was done', async () => {
    const status = await begin().stopped(new BlockedError('the secret AGENCY_X is not there', 'Add it.'));
    expect(status.conditions.find(({ type }) => type === 'Stalled')?.message).toContain('AGENCY_X is not there');
    expect(status.observedSpecDigest).toBeUndefined();
  });

  it('does not call a working instance down because a run was stopped, nor what it wished for done', async () => {
    const before = await settled();
    const status = await begin({ before, targetDigest: 'sha256:newer' }).stopped(
      new BlockedError('nobody agreed', 'Name it.'),
    );
    expect(status.conditions.map(({ type, status: value }) => `${type}=${value}`)).toEqual([
      'Ready=True',
      'Notified=True',
      'Stalled=True',
    ]);
    expect(status.observedSpecDigest).toBe('sha256:new');
  });

  it('does not let one checkpoint overtake another', async () => {
    const order: string[] = [];
    const recorder = {
      save: async (_: string, status: Status) => {
        const count = Object.keys(status.resources).length;
        await new Promise((resolve) => setTimeout(resolve, 5 - count));
        order.push(Object.keys(status.resources).join());
      },
      flush: async () => undefined,
    };
    const progress = begin({ recorder });
    await Promise.all(['a', 'b', 'c'].map((address) => progress.checkpoint(address, { id: address })));
    expect(order).toEqual(['a', 'a,b', 'a,b,c']);
  });

  it('fails the checkpoint that could not be written, and goes on with the next', async () => {
    let full = true;
    const recorder = {
      save: async () => {
        if (full) throw new Error('disk full');
      },
      flush: async () => undefined,
    };
    const progress = begin({ recorder });
    await expect(progress.checkpoint('a', { id: 'a' })).rejects.toThrow('disk full');
    full = false;
    await expect(progress.checkpoint('b', { id: 'b' })).resolves.toBeUndefined();
  });

  it('forgets what is gone and its parts in one write', async () => {
    const resources = { site: { id: 'id-1' }, 'site.part': { id: 'p' }, other: { id: 'o' } };
    const before = { ...(await settled()), resources };
    saved = [];
    await begin({ before }).checkpoint('site', undefined, ['site.part']);
    expect(saved.map((status) => status.resources)).toEqual([{ other: { id: 'o' } }]);
  });

  describe('of an agency at rest', () => {
    const at = (ms: number) => manualClock(Date.parse(START) + ms);
    const retired = (until: string) => ({ reason: 'Retired', message: 'kept', retainUntil: until }) as const;
    const well = { outcomes: [outcome({ result: 'unchanged' })], outputs: new Map() };

    it('is complete without being Ready, and records once until when it is kept', async () => {
      const before = await settled();
      const status = await begin({ before, targetDigest: 'sha256:rest', rest: () => retired('2026-02-01') }).finish(
        well,
      );
      expect(status).toMatchObject({ observedSpecDigest: 'sha256:rest', retainUntil: '2026-02-01' });
      expect(status.completedAt).toBe(before.completedAt);
      saved = [];
      const again = { before: status, targetDigest: 'sha256:rest', clock: at(1e9), rest: () => retired('2026-02-01') };
      expect(await begin(again).finish(well)).toEqual(status);
      expect(saved).toEqual([]);
    });

    it('is not complete, and keeps no date, while something failed', async () => {
      const before = await settled();
      const { outcomes } = failure;
      const status = await begin({ before, targetDigest: 'sha256:rest', rest: () => retired('2026-02-01') }).finish({
        outcomes,
        outputs: new Map(),
      });
      expect([status.observedSpecDigest, status.retainUntil]).toEqual(['sha256:new', undefined]);
    });

    it('forgets the date once it runs again, and never says of one that was not made that it was completed', async () => {
      const rest = () => ({ reason: 'Suspended', message: 'closed' }) as const;
      const never = await begin({ rest }).finish({ outcomes: [], outputs: new Map() });
      expect([never.observedSpecDigest, never.completedAt]).toEqual(['sha256:new', undefined]);
      const before = { ...(await settled()), retainUntil: '2026-02-01' };
      expect((await begin({ before, rest: () => undefined }).finish(success)).retainUntil).toBeUndefined();
    });

    it('shows no output of what is gone', async () => {
      const before = await settled();
      const rest = () => ({ reason: 'Destroyed', message: 'gone' }) as const;
      expect((await begin({ before, rest }).finish({ outcomes: [], outputs: new Map() })).outputs).toEqual({});
    });
  });
});
