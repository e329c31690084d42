import { redact } from '../lib/redact.ts';

/** Who must act next decides the class; nothing else does. */
export type ErrorClass = 'manifest' | 'blocked' | 'provider' | 'waiting' | 'internal';

/**
 * An error whose first line says what failed and why, and whose remedy says what to do next. Both are redacted at once:
 * an error leaves the process by more ways than events do.
 */
export abstract class ProvisionerError extends Error {
  abstract readonly class: ErrorClass;
  /** What to do next, as a whole sentence. */
  readonly remedy: string;

  constructor(message: string, remedy: string, cause?: unknown) {
    super(redact(message), cause === undefined ? undefined : { cause });
    this.remedy = redact(remedy);
    this.name = new.target.name;
  }
}

/** The file is wrong: its author mends it. */
export class ManifestError extends ProvisionerError {
  readonly class = 'manifest';
}

/** A person must decide; the remedy names the way to allow it. */
export class BlockedError extends ProvisionerError {
  readonly class = 'blocked';
}

/** It will be so by itself: run again, as the schedule does. */
export class WaitingError extends ProvisionerError {
  readonly class = 'waiting';
}

/** Our bug. */
export class InternalError extends ProvisionerError {
  readonly class = 'internal';
}

export interface ProviderFailure {
  /** supabase, vercel, resend, github. */
  readonly vendor: string;
  /** What was tried, for people: `create project`. */
  readonly operation: string;
  /** The HTTP status; absent when no answer came. */
  readonly status?: number;
  readonly code?: string;
  readonly requestId?: string;
  /** Worth running again as it is. */
  readonly transient: boolean;
  /** The vendor may have done it although we did not hear so: look before trying again. */
  readonly ambiguous: boolean;
}

/** A vendor refused or failed. */
export class ProviderError extends ProvisionerError {
  readonly class = 'provider';
  readonly failure: ProviderFailure;

  constructor(failure: ProviderFailure, message: string, remedy: string, cause?: unknown) {
    super(message, remedy, cause);
    this.failure = failure;
  }
}

/** Whatever was thrown, as one of the five. An abort is Waiting: somebody stopped the run and may start it again. */
export function classify(thrown: unknown): ProvisionerError {
  if (thrown instanceof ProvisionerError) return thrown;
  if (thrown instanceof Error && thrown.name === 'AbortError') {
    return new WaitingError(
      'the run was stopped before this was done',
      'Run it again; it goes on where it stopped.',
      thrown,
    );
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new InternalError(
    `a bug in the provisioner: ${message}`,
    'Nothing was lost; please open an issue with this run’s log.',
    thrown,
  );
}

/** Whether the vendor may have done what we asked although it did not say so. */
export function isAmbiguous(thrown: unknown): boolean {
  return thrown instanceof ProviderError && thrown.failure.ambiguous;
}

/** Whether running it again as it is may help: it takes time, or the vendor does. */
export function isTransient(thrown: unknown): boolean {
  return thrown instanceof WaitingError || (thrown instanceof ProviderError && thrown.failure.transient);
}

/** An error as plans, events and reports carry it. */
export interface Trouble {
  readonly class: ErrorClass;
  readonly message: string;
  readonly remedy: string;
}

export function troubleOf({ class: kind, message, remedy }: ProvisionerError): Trouble {
  return { class: kind, message, remedy };
}
