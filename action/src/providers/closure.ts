import type { Kind } from '../engine/kind.ts';
import { sha256 } from '../lib/digest.ts';
import { assertTurnsAway } from './acceptance/site.ts';
import type { HttpPolicy } from './http.ts';
import { receiptKind } from './receipt.ts';

export interface ClosureInputs {
  /** Where the app answered its visitors. */
  readonly url: string;
}

/**
 * Whether an agency that was put to rest is closed: its site is opened as a visitor does, and must not answer. The
 * receipt takes the place of the one of acceptance, so that an agency that runs again is accepted again.
 */
export function closure(policy: HttpPolicy): Kind<ClosureInputs, null> {
  return receiptKind({
    name: 'closure',
    receiptOf: ({ inputs }) => `closed-${sha256(inputs.url).slice('sha256:'.length, 'sha256:'.length + 9)}`,
    make: ({ inputs }) => assertTurnsAway(inputs.url, policy),
  });
}
