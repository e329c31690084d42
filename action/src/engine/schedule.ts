import { classify, InternalError, type ProvisionerError, troubleOf } from './errors.ts';
import type { Result } from './events.ts';
import { execute } from './execute.ts';
import { assertComplete, inActingOrder, waitsFor } from './graph.ts';
import type { Done, Hands } from './job.ts';
import { kindOf, scopeOf } from './observe.ts';
import {
  type Address,
  type Dependency,
  type Outputs,
  type Resource,
  resolve,
  type Stage,
  type Values,
} from './resource.ts';

/** How one resource ended. */
export interface Outcome {
  readonly address: Address;
  /** The condition that it carries; none for what went wrong before anything was looked after. */
  readonly condition: Resource['condition'] | undefined;
  readonly result: Result;
  readonly ms: number;
  readonly id?: string;
  readonly because?: string;
  readonly error?: ProvisionerError;
}

export interface Execution {
  /** One for each resource, in the order of the plan. */
  readonly outcomes: readonly Outcome[];
  readonly outputs: ReadonlyMap<Address, Outputs>;
}

/**
 * Executes all resources of one agency, each as soon as the stages it waits for are reached, so that the time is that
 * of the longest chain. A failure skips what depends on it and nothing else. Never rejects: every error is an outcome.
 */
export async function executeAll(resources: readonly Resource[], hands: Hands): Promise<Execution> {
  assertComplete(resources);
  const stages = new Stages(resources);
  const outputs = new Map<Address, Outputs>();
  const outcomes = await Promise.all(
    inActingOrder(resources).map(async (resource) => {
      const outcome = await settle(resource, waitsFor(resource, resources), hands, stages, outputs);
      emit(hands, outcome);
      return outcome;
    }),
  );
  return { outcomes, outputs };
}

type End = Omit<Outcome, 'address' | 'condition' | 'ms'>;

/** One resource from waiting to outcome; its time is its own, without the wait for others. */
async function settle(
  resource: Resource,
  waits: readonly Dependency[],
  hands: Hands,
  stages: Stages,
  outputs: Map<Address, Outputs>,
): Promise<Outcome> {
  const { address, condition } = resource;
  const failed = await stages.failedBefore(waits);
  const startedAt = hands.clock.now();
  const end: End =
    failed === undefined
      ? await bring(resource, hands, stages, outputs)
      : { result: 'skipped', because: `${failed} did not get ${resource.wish === 'absent' ? 'removed' : 'ready'}` };
  const done = end.error === undefined && end.result !== 'skipped';
  if (done) stages.reach(address, 'ready');
  else stages.fail(address);
  return { address, condition, ms: hands.clock.now() - startedAt, ...end };
}

async function bring(resource: Resource, hands: Hands, stages: Stages, outputs: Map<Address, Outputs>): Promise<End> {
  const { address } = resource;
  try {
    const done = await execute({
      resource,
      hands,
      kind: kindOf(resource, hands.kinds),
      scope: scopeOf(resource, known(resource, outputs), hands),
      created: (values) => {
        outputs.set(address, values);
        stages.reach(address, 'created');
      },
    });
    outputs.set(address, done.outputs);
    return ended(done);
  } catch (thrown) {
    const error = classify(thrown);
    return { result: error.class === 'blocked' ? 'blocked' : 'failed', because: error.message, error };
  }
}

function ended({ result, id, because }: Done): End {
  return { result, ...(id !== undefined && { id }), ...(because !== undefined && { because }) };
}

function known(resource: Resource, outputs: ReadonlyMap<Address, Outputs>): Values {
  const resolution = resolve(resource.inputs, outputs);
  if (resolution.known) return resolution.values;
  const missing = resolution.missing.map(({ address, output }) => `${address}.${output}`).join(', ');
  throw new InternalError(`${resource.address} does not wait for ${missing}`, 'Mend blueprint.ts.');
}

function emit(hands: Hands, { address, result, ms, id, because, error }: Outcome): void {
  const trouble = error && troubleOf(error);
  hands.emit({
    type: 'outcome',
    agency: hands.agency.slug,
    address,
    outcome: result,
    ms,
    ...(id === undefined ? {} : { id }),
    ...(because === undefined ? {} : { because }),
    ...(trouble === undefined ? {} : { error: trouble }),
  });
}

/** Which stages of which resources are reached; a failure reaches every stage as a failure. */
class Stages {
  readonly #gates = new Map<string, Gate>();

  constructor(resources: readonly Resource[]) {
    for (const { address } of resources) {
      this.#gates.set(`${address}:created`, gate());
      this.#gates.set(`${address}:ready`, gate());
    }
  }

  reach(address: Address, stage: Stage): void {
    this.#gates.get(`${address}:${stage}`)?.open(true);
  }

  fail(address: Address): void {
    this.#gates.get(`${address}:created`)?.open(false);
    this.#gates.get(`${address}:ready`)?.open(false);
  }

  /** Waits for all; gives the address of one that failed, if any did. */
  async failedBefore(dependencies: readonly Dependency[]): Promise<Address | undefined> {
    const reached = await Promise.all(
      dependencies.map(
        async ({ address, stage }) => [address, await this.#gates.get(`${address}:${stage}`)?.reached] as const,
      ),
    );
    return reached.find(([, success]) => success !== true)?.[0];
  }
}

interface Gate {
  readonly reached: Promise<boolean>;
  /** The first call decides. */
  open(success: boolean): void;
}

function gate(): Gate {
  let open: (success: boolean) => void = () => undefined;
  const reached = new Promise<boolean>((resolveReached) => {
    open = resolveReached;
  });
  return { reached, open };
}
