import type { Found, Kind, Scope } from '../engine/kind.ts';

/** A check whose success is recorded. */
export interface Check<I> {
  readonly name: string;
  /** The digest of what is looked at. */
  receiptOf(scope: Scope<I>): string;
  /** Throws what a person must mend. */
  make(scope: Scope<I>): Promise<void>;
}

/**
 * What is created is a receipt of what was looked at; while that stays the same nothing is looked at again. There is
 * nothing at a vendor that could drift or be removed.
 */
export function receiptKind<I>({ name, receiptOf, make }: Check<I>): Kind<I, null> {
  const receipt = (scope: Scope<I>): Found<null> => ({ id: receiptOf(scope), actual: null });
  return {
    name,
    holdsData: false,
    stableOutputs: [],
    identify: async (scope) =>
      scope.recorded?.id === receiptOf(scope) ? { state: 'found', ...receipt(scope) } : { state: 'absent' },
    read: async (scope, id) => (id === receiptOf(scope) ? receipt(scope) : undefined),
    diff: () => [],
    create: async (scope) => {
      await make(scope);
      return receipt(scope);
    },
    update: async () => undefined,
    delete: async () => undefined,
    outputs: (_scope, { id }) => ({ receipt: id }),
  };
}
