import { ProviderError } from '../../action/src/engine/errors.ts';
import { type ErasedKind, erase, type Identity, type Kind } from '../../action/src/engine/kind.ts';

/** One thing that the toy vendor keeps. */
export interface Thing {
  id: string;
  name: string;
  mark: string;
  color: string;
  polls: number;
}

/** How the toy vendor misbehaves. */
export interface Mood {
  /** The next acts are done, and their answers are lost. */
  loseAnswers: number;
  /** The next acts fail before they are done. */
  refuse: number;
  /** Identify shows what was made only after this many looks. */
  hideForLooks: number;
  /** How many looks it takes to be ready. */
  readyAfter: number;
  broken: string | undefined;
}

/** A vendor in memory, with a log of every write, for tests of the engine alone. */
export class World {
  readonly things: Thing[] = [];
  readonly writes: string[] = [];
  mood: Mood = { loseAnswers: 0, refuse: 0, hideForLooks: 0, readyAfter: 0, broken: undefined };

  put(thing: Partial<Thing> & { name: string }): Thing {
    const made = { id: `id-${this.things.length + 1}`, mark: 'uid-1', color: 'red', polls: 0, ...thing };
    this.things.push(made);
    return made;
  }

  act(write: string, commit: () => void): void {
    const failure = { vendor: 'toy', operation: write, transient: true };
    if (this.mood.refuse > 0) {
      this.mood.refuse -= 1;
      throw new ProviderError(
        { ...failure, status: 422, ambiguous: false, transient: false },
        `toy refused to ${write}`,
        'Look.',
      );
    }
    this.writes.push(write);
    commit();
    if (this.mood.loseAnswers > 0) {
      this.mood.loseAnswers -= 1;
      throw new ProviderError({ ...failure, ambiguous: true }, 'the answer was lost', 'Run again.');
    }
  }
}

interface ToyInputs {
  readonly name: string;
  readonly color: string;
}

/** A kind over the toy vendor; `over` replaces single verbs or traits. */
export function toyKind(world: World, over: Partial<Kind<ToyInputs, Thing>> = {}): ErasedKind {
  const base: Kind<ToyInputs, Thing> = {
    name: 'toy',
    holdsData: true,
    settlesWithinMs: 5_000,
    pace: { everyMs: 1_000, forMs: 60_000 },
    stableOutputs: ['id'],
    identify: async ({ recorded, inputs, agency }) => lookUp(world, recorded?.id, inputs.name, agency.uid),
    read: async (_, id) => found(world.things.find((thing) => thing.id === id)),
    diff: ({ inputs, agency }, actual) => [
      ...(actual.color === inputs.color ? [] : [{ path: 'color', before: actual.color, after: inputs.color }]),
      ...(actual.mark === agency.uid ? [] : [{ path: 'mark', before: actual.mark, after: agency.uid }]),
    ],
    create: async ({ inputs, agency }) => {
      let made: Thing | undefined;
      world.act(`create ${inputs.name}`, () => {
        made = world.put({ ...inputs, mark: agency.uid });
      });
      return found(made);
    },
    update: async ({ inputs, agency }, { actual }) => {
      world.act(`update ${inputs.name}`, () => Object.assign(actual, { color: inputs.color, mark: agency.uid }));
    },
    delete: async (_, id) => {
      world.act(`delete ${id}`, () => world.things.splice(0, Infinity, ...world.things.filter((one) => one.id !== id)));
    },
    ready: async (_, thing) => {
      thing.actual.polls += 1;
      if (world.mood.broken) return { state: 'failed', because: world.mood.broken, remedy: 'Mend it.' };
      return thing.actual.polls > world.mood.readyAfter
        ? { state: 'ready', found: thing }
        : { state: 'waiting', on: 'its paint to dry' };
    },
    outputs: (_, { id, actual }) => ({ id, color: actual.color }),
  };
  return erase({ ...base, ...over });
}

function lookUp(world: World, recordedId: string | undefined, name: string, uid: string): Identity<Thing> {
  if (recordedId !== undefined) {
    const thing = world.things.find(({ id }) => id === recordedId);
    if (!thing) return { state: 'vanished', id: recordedId, because: `${recordedId} is gone` };
    return thing.mark === uid
      ? { state: 'found', id: thing.id, actual: thing }
      : { state: 'vanished', id: recordedId, because: 'it lost our mark', stands: true };
  }
  const named = world.things.filter((thing) => thing.name === name);
  if (named.length > 0 && world.mood.hideForLooks > 0) {
    world.mood.hideForLooks -= 1;
    return { state: 'absent' };
  }
  const [first, second] = named;
  if (!first) return { state: 'absent' };
  const all = named.map((actual) => ({ id: actual.id, actual }));
  if (second) return { state: 'foreign', found: all, because: `two things are called ${name}` };
  return first.mark === uid
    ? { state: 'found', id: first.id, actual: first }
    : { state: 'foreign', found: all, because: `${name} is not ours` };
}

function found(actual: Thing | undefined) {
  return actual && { id: actual.id, actual };
}
