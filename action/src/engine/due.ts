import { type Condition, restIn } from './conditions.ts';
import type { Recorded } from './resource.ts';

/** What decides whether an agency needs a run; all of it stands in its manifest. */
export interface Standing {
  readonly targetDigest: string;
  readonly observedSpecDigest: string | undefined;
  readonly conditions: readonly Condition[];
  readonly resources: Iterable<Recorded>;
}

/** Why an agency is due, in words for people; `undefined` when nothing is left to do. Level-based: no event is needed. */
export function whyDue({ targetDigest, observedSpecDigest, conditions, resources }: Standing): string | undefined {
  if (observedSpecDigest === undefined) return 'it was never completed';
  if (observedSpecDigest !== targetDigest) return 'what is wished has changed';
  for (const type of restIn(conditions) ? [] : (['Ready', 'Notified'] as const)) {
    const condition = conditions.find((one) => one.type === type);
    if (condition?.status !== 'True') return `it is not ${type}`;
  }
  const isTrue = (wanted: string) => conditions.some(({ type, status }) => type === wanted && status === 'True');
  if (isTrue('Reconciling')) return 'a run did not come to its end';
  if (isTrue('Stalled')) return 'it waited for a person';
  for (const recorded of resources) {
    if (recorded.intent !== undefined) return 'a create was begun and not finished';
  }
  return undefined;
}
