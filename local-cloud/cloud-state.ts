import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { createChance, type SeededChance } from './chance.ts';
import { type CloudClock, createClock, epochFrom } from './clock.ts';
import { createIdentity, type Identity, identitySchema } from './identity.ts';
import { createStore, readState, type Store } from './store.ts';

const stateSchema = z.object({
  version: z.literal(1),
  seed: z.string(),
  epoch: z.object({ real: z.number(), vendor: z.number(), speed: z.number() }),
  drawn: z.record(z.string(), z.number()),
  identity: identitySchema,
  /** What each service saved, by its name. */
  services: z.record(z.string(), z.unknown()),
});

type State = z.infer<typeof stateSchema>;

/** What a cloud has before it has services. */
export interface Ground {
  readonly clock: CloudClock;
  readonly chance: SeededChance;
  readonly identity: Identity;
  /** What the service of that name saved in an earlier process. */
  saved(service: string): unknown;
  /** From now on `services` is saved, too. */
  keep(services: () => Record<string, unknown>): Promise<Store>;
}

export interface GroundOptions {
  readonly speed: number;
  /** Counts for a new folder only. */
  readonly seed: string | undefined;
  /** In the place of real time at that speed. */
  readonly clock: CloudClock | undefined;
}

/** Goes on where the folder stands, or begins anew. */
export async function prepareGround(dir: string, { speed, seed, clock: given }: GroundOptions): Promise<Ground> {
  const found = await readState(dir);
  const state = found === undefined ? undefined : stateSchema.parse(found);
  const usedSeed = state?.seed ?? seed ?? randomBytes(8).toString('hex');
  const clock = given ?? createClock(epochFrom(speed, state?.epoch));
  const chance = createChance(usedSeed, state?.drawn);
  const identity = state?.identity ?? createIdentity(chance);
  return {
    clock,
    chance,
    identity,
    saved: (service) => state?.services[service] ?? undefined,
    async keep(services) {
      const collect = (): State => ({
        version: 1,
        seed: usedSeed,
        epoch: clock.epoch,
        drawn: chance.drawn(),
        identity,
        services: services(),
      });
      const store = await createStore(dir, collect);
      await store.save();
      return store;
    },
  };
}
