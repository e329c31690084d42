import type * as z from 'zod';
import { ProviderError } from '../../engine/errors.ts';
import { foreignText } from '../foreign-text.ts';

/** A check that an instance did not pass; `check` completes "acceptance: …", `remedy` says what to do next. */
export function notAccepted(
  vendor: 'supabase' | 'vercel',
  check: string,
  remedy: string,
  cause?: unknown,
): ProviderError {
  const failure = { vendor, operation: 'accept the instance', transient: false, ambiguous: false };
  return new ProviderError(failure, `acceptance: ${check}`, remedy, cause);
}

/** A check that could not be made, through nobody's fault that a person could mend; a later run makes it again. */
export function notTold(check: string, remedy: string, cause?: unknown): ProviderError {
  const failure = { vendor: 'supabase', operation: 'accept the instance', transient: true, ambiguous: false };
  return new ProviderError(failure, `acceptance: ${check}`, remedy, cause);
}

/** What was answered, in the shape that a check needs; throws `notTold` where it is none. `what` is what was read. */
export function readable<T>(schema: z.ZodType<T>, answer: unknown, what: string): T {
  const { data, error } = schema.safeParse(answer);
  if (!error) return data;
  const why = error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; ');
  throw notTold(
    `the answer about ${what} cannot be read: ${foreignText(why)}`,
    'Run again; if it stays so, look at the instance’s logs in Supabase.',
    error,
  );
}
