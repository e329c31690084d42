import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ErasedKind, Scope } from '../../action/src/engine/kind.ts';
import type { Recorded, Values } from '../../action/src/engine/resource.ts';
import { Secret } from '../../action/src/lib/secret.ts';
import { type Clients, connect } from '../../action/src/providers/connect.ts';
import { createKinds } from '../../action/src/providers/index.ts';
import { aKeyring } from './hands.ts';
import { type RunOptions, runKind, type VendorCloud, vendorCloud } from './vendor-cloud.ts';

/** A local cloud, and all kinds as the product itself connects them to it. */
export interface Ground extends VendorCloud {
  readonly clients: Clients;
  kind(name: string): ErasedKind;
  /** Runs a kind with inputs that it may take from what ran before. */
  run(name: string, inputs: Values, options?: RunOptions): ReturnType<typeof runKind>;
}

/** What the contract needs to know of one kind. */
export interface Subject {
  readonly name: string;
  /** How the suite calls it where one kind is put to it twice. */
  readonly title?: string;
  /** Prepares what stands before it, and gives its inputs; called once for each test, with a number that is new. */
  inputs(ground: Ground, n: number): Promise<Values>;
  /** Changes the thing behind our back, so that there is something to mend. Absent where nothing of it can drift. */
  drift?(ground: Ground, id: string, inputs: Values): Promise<void>;
  /** Goes with something else: it is there before we come, or cannot be removed by itself. */
  readonly part?: boolean;
  /** Its id says whose it is: an id recorded for another agency must be refused. */
  readonly owned?: boolean;
}

/** What every kind promises the engine, whatever the vendor. One suite, run for each of them. */
export function kindContract(subject: Subject): void {
  describe(`${subject.title ?? subject.name} keeps the contract of kinds`, () => {
    let ground: Ground;
    let inputs: Values;
    let n = 0;
    beforeAll(async () => {
      ground = await prepare();
    });
    afterAll(() => ground.close());
    beforeEach(async () => {
      n += 1;
      inputs = await subject.inputs(ground, n);
      await ground.forget();
    });
    const kind = () => ground.kind(subject.name);
    const scope = (recorded?: Recorded, uid = 'uid-1') => scopeFor(ground, subject.name, inputs, recorded, uid);
    const run = (options: RunOptions = {}) => runKind(kind(), inputs, options);

    it('looks without writing', async () => {
      const { state } = await kind().identify(scope());
      expect(subject.part ? ['absent', 'found'] : ['absent']).toContain(state);
      expect(await ground.writes()).toEqual([]);
    });

    it('finds what it created, by record and without, and has nothing to change about it', async () => {
      const { id, recorded } = await run();
      for (const remembered of [recorded, undefined]) {
        const seen = await kind().identify(scope(remembered));
        if (seen.state !== 'found') throw new Error(`not found but ${seen.state}`);
        expect(seen.id).toBe(id);
        if (remembered) expect(kind().diff(scope(remembered), seen.actual)).toEqual([]);
      }
      expect((await kind().read(scope(recorded), id))?.id).toBe(id);
    });

    it('changes nothing the second time', async () => {
      const { recorded } = await run();
      await ground.forget();
      const again = await run({ recorded });
      expect(again.result).toBe('unchanged');
      expect(again.recorded).toEqual(recorded);
      expect(await ground.writes()).toEqual([]);
    });

    it('puts out and records no secret in clear', async () => {
      const { outputs, recorded, events } = await run();
      const secrets = [...Object.values(outputs), ...secretsIn(inputs)].filter((value) => value instanceof Secret);
      const shown = JSON.stringify({ outputs, recorded, events });
      for (const secret of secrets) expect(shown).not.toContain(secret.reveal());
    });

    it('creates one thing when the answer to the first write is lost', async () => {
      await ground.fault({ method: 'POST', effect: 'drop-after-commit' });
      const { id } = await run();
      await ground.calm();
      expect(await kind().identify(scope())).toMatchObject({ state: 'found', id });
    });

    const { drift } = subject;
    it.runIf(drift !== undefined)('mends what drifted, and only once', async () => {
      const { id, recorded } = await run();
      await drift?.(ground, id, inputs);
      const drifted = await kind().identify(scope(recorded));
      if (drifted.state !== 'found') throw new Error(`not found but ${drifted.state}`);
      expect(kind().diff(scope(recorded), drifted.actual)).not.toEqual([]);
      const mended = await run({ recorded });
      expect(mended.result).toBe('updated');
      expect((await run({ recorded: mended.recorded })).result).toBe('unchanged');
    });

    it.runIf(!subject.part)('removes it, and is content when there is nothing to remove', async () => {
      const { id, recorded } = await run();
      await kind().delete(scope(recorded), id);
      await kind().delete(scope(recorded), id);
      expect(await kind().read(scope(recorded), id)).toBeUndefined();
      expect(['vanished', 'absent']).toContain((await kind().identify(scope(recorded))).state);
    });

    it.runIf(subject.owned === true)('refuses an id that is another agency’s, and touches nothing', async () => {
      const { recorded } = await run();
      n += 1;
      const others = await subject.inputs(ground, n);
      await ground.forget();
      const theirs = scopeFor(ground, subject.name, others, recorded, 'uid-2');
      expect(['vanished', 'foreign']).toContain((await kind().identify(theirs)).state);
      expect(await ground.writes()).toEqual([]);
    });
  });
}

async function prepare(): Promise<Ground> {
  const cloud = await vendorCloud();
  const { environment, policy } = cloud;
  const of = (name: string) => environment[name] ?? '';
  const clients = connect({
    supabase: {
      token: new Secret(of('SUPABASE_ACCESS_TOKEN')),
      organization: of('SUPABASE_ORG_ID'),
      apiUrl: of('SUPABASE_API_URL'),
      projectUrl: of('SUPABASE_PROJECT_URL'),
    },
    vercel: { token: new Secret(of('VERCEL_TOKEN')), team: of('VERCEL_TEAM_ID'), apiUrl: of('VERCEL_API_URL') },
    instanceUrl: of('INSTANCE_URL'),
    resend: { apiKey: new Secret(of('RESEND_API_KEY')), baseUrl: of('RESEND_BASE_URL') },
    ...policy,
    // Opening a database takes its time on a busy machine.
    deadlineMs: 60_000,
    fetch: embellished(policy.fetch ?? globalThis.fetch),
  });
  const kinds = createKinds(clients);
  const kind = (name: string): ErasedKind => {
    const known = kinds.get(name);
    if (!known) throw new Error(`no kind is called ${name}`);
    return known;
  };
  return { ...cloud, clients, kind, run: (name, inputs, options) => runKind(kind(name), inputs, options) };
}

/** Adds what no client of today knows to every answer: vendors do, and nothing may break. */
function embellished(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (input, init) => {
    const answer = await fetch(input, init);
    const text = await answer.text();
    if (!answer.ok || !text.startsWith('{')) return new Response(text === '' ? null : text, answer);
    const body: unknown = JSON.parse(text);
    return new Response(JSON.stringify({ ...Object(body), field_of_tomorrow: { a: [1] } }), answer);
  };
}

function scopeFor(ground: Ground, address: string, inputs: Values, recorded: Recorded | undefined, uid: string): Scope {
  const agency = { slug: 'acme', uid };
  const { signal } = new AbortController();
  return { agency, address, inputs, recorded, adopt: undefined, keyring: aKeyring(), clock: ground.clock, signal };
}

function secretsIn(values: Values): unknown[] {
  return Object.values(values).flatMap((value) =>
    value instanceof Secret || typeof value !== 'object' || value === null ? [value] : secretsIn(Object(value)),
  );
}
