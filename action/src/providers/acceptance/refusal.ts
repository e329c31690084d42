import { ProviderError } from '../../engine/errors.ts';

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
