import type { Trouble } from '../engine/errors.ts';
import type { Plan } from '../engine/plan.ts';
import type { Problem } from '../manifest/problem.ts';
import { problemLine } from './summary.ts';
import { count } from './text.ts';

/** What a change would do to one agency. */
export interface AgencyReview {
  readonly slug: string;
  readonly file: string;
  readonly displayName: string;
  readonly change: 'new' | 'changed' | 'removed';
  readonly plan?: Plan;
  /** Who would be mailed what. */
  readonly mails: readonly { readonly to: string; readonly what: string }[];
  readonly warnings: readonly string[];
  readonly error?: Trouble;
}

/** What merging a change would do. */
export interface ReviewPage {
  readonly agencies: readonly AgencyReview[];
  readonly problems: readonly Problem[];
  /** Why the whole of it cannot be planned, and what to do: what completes "it cannot be merged as it is: …". */
  readonly refusal?: string;
  /** Why merging may do something else than what is shown, and what to do. */
  readonly doubt?: string;
  /** Whether the vendors were looked at. */
  readonly live: boolean;
  /** The commit that was looked at. */
  readonly commit: string;
  readonly runUrl?: string;
}

/** One sentence: what merging would do, or what keeps it from being done. */
export function reviewHeadline({ agencies, problems, refusal, doubt }: ReviewPage): string {
  if (refusal !== undefined) return `Not to be merged as it is: ${refusal}`;
  const [first, ...others] = problems;
  if (first) {
    const more = others.length > 0 ? ` (and ${count(others.length, 'more problem')})` : '';
    return `Not to be merged as it is: ${problemLine({ type: 'problem', ...first })}${more}`;
  }
  if (doubt !== undefined) return `Not planned as it would be merged: ${doubt}`;
  const blocked = agencies.find(({ error, plan }) => error || plan?.changes.some(({ action }) => action === 'blocked'));
  if (blocked) {
    const trouble = blocked.error ?? blocked.plan?.changes.find(({ action }) => action === 'blocked');
    const why = trouble && 'message' in trouble ? trouble.message : trouble?.because;
    return `Merging would not bring ${blocked.slug} to its end: ${why}. Next: ${trouble?.remedy}`;
  }
  if (agencies.length === 0) return 'Merging changes nothing for any agency.';
  const of = (change: AgencyReview['change']) => agencies.filter((one) => one.change === change).length;
  const parts = [
    ...(of('new') > 0 ? [`makes ${count(of('new'), 'new agency', 'new agencies')}`] : []),
    ...(of('changed') > 0 ? [`changes ${count(of('changed'), 'agency', 'agencies')}`] : []),
    ...(of('removed') > 0 ? [`takes ${count(of('removed'), 'manifest')} away, of which nothing is left`] : []),
  ];
  const dangers = agencies.filter(isDangerous).length;
  return `Merging ${parts.join(', ')}${dangers > 0 ? `, and something about ${dangers} of them is dangerous` : ''}.`;
}

function isDangerous({ plan }: AgencyReview): boolean {
  return plan?.changes.some(({ danger }) => danger !== 'none') ?? false;
}

/** A remark on a line of a file, as a check shows it. */
export function reviewAnnotations(problems: readonly Problem[]) {
  return problems.map(({ file, line, message, remedy }) => ({
    path: file,
    startLine: line,
    endLine: line,
    level: 'failure' as const,
    title: 'Control room',
    message: `${message}\n${remedy}`,
  }));
}
