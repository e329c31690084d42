import { Secret } from '../lib/secret.ts';
import type { Difference, ErasedKind, Identity, Kinds, Scope } from './kind.ts';
import { preview } from './preview.ts';
import { type Address, type Input, type Inputs, isList, type Outputs, Ref, type Resource } from './resource.ts';

/** What a plan is made from that may look at nothing. */
export interface Hearsay {
  /** What is wished now. */
  readonly resources: readonly Resource[];
  /** What was wished when the record was written; nothing for what is new, or cannot be known any more. */
  readonly former: readonly Resource[];
}

/**
 * The kinds with their hands tied: they take the record at its word instead of looking. A thing is where it is recorded
 * to be and as it was wished then, so a plan over them is pure, needs no credential, and shows what a change of the
 * wish would do. Whether reality agrees is for the live plan to say. Acting is not among what they can do.
 */
export function recordedKinds(kinds: Kinds, { resources, former }: Hearsay): Kinds {
  const now = new Map(resources.map((resource) => [resource.address, resource]));
  const before = new Map(former.map((resource) => [resource.address, resource]));
  const named = namesOfOutputs([...resources, ...former]);
  const tie = (kind: ErasedKind): ErasedKind => ({
    ...traitsOf(kind),
    identify: async (scope) => identified(scope, now.get(scope.address), before.get(scope.address)),
    read: async ({ address }, id) => ({ id, actual: before.get(address) }),
    diff: ({ address }) => changed(before.get(address)?.inputs, now.get(address)?.inputs),
    outputs: ({ address }) => placeholders(address, named.get(address) ?? []),
    create: unable,
    update: unable,
    delete: unable,
  });
  return new Map([...kinds].map(([name, kind]) => [name, tie(kind)]));
}

function traitsOf({ name, holdsData, superseded, given, stableOutputs, settlesWithinMs }: ErasedKind) {
  return {
    name,
    holdsData,
    stableOutputs,
    ...(superseded !== undefined && { superseded }),
    ...(given !== undefined && { given }),
    ...(settlesWithinMs !== undefined && { settlesWithinMs }),
  };
}

/** An allowance is taken at its word too: who names an id says that it is there, or that it is gone. */
function identified(
  { recorded }: Scope,
  resource: Resource | undefined,
  former: Resource | undefined,
): Identity<unknown> {
  // What another kind left at the address is nothing to this one.
  const id = former && former.kind !== resource?.kind ? undefined : recorded?.id;
  const { adopt, recreate } = resource?.allow ?? {};
  if (id !== undefined && id === recreate)
    return { state: 'vanished', id, because: 'the manifest says that it is gone' };
  if (id !== undefined) return { state: 'found', id, actual: undefined };
  if (adopt === undefined) return { state: 'absent' };
  return {
    state: 'foreign',
    found: [{ id: adopt, actual: undefined }],
    because: 'the manifest allows taking it over',
  };
}

/** The lines in which two wishes differ. What is not known any more differs in nothing that could be shown. */
function changed(before: Inputs | undefined, after: Inputs | undefined): Difference[] {
  if (!before || !after) return [];
  const [was, is] = [linesOf(before), linesOf(after)];
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((path): Difference[] => {
    const [old, fresh] = [was.get(path), is.get(path)];
    if (old?.text === fresh?.text && old?.secret === fresh?.secret) return [];
    const other = old?.text === fresh?.text ? '(another secret)' : fresh?.text;
    return [
      {
        path,
        ...(old !== undefined && { before: old.text }),
        ...(other !== undefined && { after: other }),
      },
    ];
  });
}

interface Line {
  readonly text: string;
  readonly secret?: Secret | undefined;
}

function linesOf(inputs: Inputs): ReadonlyMap<string, Line> {
  const secrets = new Map(secretsIn(inputs, ''));
  return new Map(preview(inputs).map(({ path, after = '' }) => [path, { text: after, secret: secrets.get(path) }]));
}

function secretsIn(inputs: Inputs, prefix: string): [string, Secret][] {
  return Object.entries(inputs).flatMap(([key, input]): [string, Secret][] => {
    const path = `${prefix}${key}`;
    if (input instanceof Secret) return [[path, input]];
    return isNested(input) ? secretsIn(input, `${path}.`) : [];
  });
}

function isNested(input: Input): input is Inputs {
  return (
    typeof input === 'object' && input !== null && !(input instanceof Ref || input instanceof Secret || isList(input))
  );
}

/** Equal for both wishes: what a thing puts out is the same as long as it is the same thing. */
function placeholders(address: Address, names: Iterable<string>): Outputs {
  return Object.fromEntries([...names].map((name) => [name, `(${address}.${name})`]));
}

function namesOfOutputs(resources: readonly Resource[]): ReadonlyMap<Address, ReadonlySet<string>> {
  const names = new Map<Address, Set<string>>();
  const note = (input: Input): void => {
    if (input instanceof Ref) names.set(input.address, (names.get(input.address) ?? new Set()).add(input.output));
    else if (input instanceof Secret || input === null || typeof input !== 'object') return;
    else for (const one of Object.values(input)) note(one);
  };
  for (const { inputs } of resources) note(inputs);
  return names;
}

async function unable(): Promise<never> {
  throw new TypeError('a plan from the record acts on nothing');
}
