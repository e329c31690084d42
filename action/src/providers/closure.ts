import type { Found, Kind, Scope } from '../engine/kind.ts';
import { sha256 } from '../lib/digest.ts';
import { assertTurnsAway } from './acceptance/site.ts';
import type { HttpPolicy } from './http.ts';

export interface ClosureInputs {
  /** Where the app answered its visitors. */
  readonly url: string;
}

/**
 * Whether an agency that was put to rest is closed: its site is opened as any visitor would, and must not answer. The
 * receipt takes the place of the one of acceptance, so that an agency that runs again is accepted again.
 */
export function closure(policy: HttpPolicy): Kind<ClosureInputs, null> {
  return {
    name: 'closure',
    holdsData: false,
    stableOutputs: [],
    identify: async (scope) => {
      const receipt = receiptOf(scope);
      return scope.recorded?.id === receipt.id ? { state: 'found', ...receipt } : { state: 'absent' };
    },
    read: async (scope, id) => (id === receiptOf(scope).id ? receiptOf(scope) : undefined),
    diff: () => [],
    create: async (scope) => {
      await assertTurnsAway(scope.inputs.url, policy);
      return receiptOf(scope);
    },
    update: async () => undefined,
    delete: async () => undefined,
    outputs: (_scope, { id }) => ({ receipt: id }),
  };
}

function receiptOf({ inputs }: Scope<ClosureInputs>): Found<null> {
  return { id: `closed-${sha256(inputs.url).slice('sha256:'.length, 'sha256:'.length + 9)}`, actual: null };
}
