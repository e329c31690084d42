import type { ProvisionerError } from './engine/errors.ts';
import type { RunResult } from './engine/events.ts';
import type { Plan } from './engine/plan.ts';
import type { Execution } from './engine/schedule.ts';
import type { Status } from './manifest/schema.ts';

/** What came of one agency. */
export interface AgencyReport {
  readonly slug: string;
  readonly why: string;
  readonly result: RunResult | 'unchanged';
  readonly plan?: Plan;
  readonly execution?: Execution;
  readonly url?: string;
  /** What is recorded of it now. */
  readonly status?: Status;
  readonly error?: ProvisionerError;
}

/** What came of a run. */
export interface RunReport {
  readonly result: RunResult;
  readonly agencies: readonly AgencyReport[];
  /** How many manifests were read, where nothing else was asked for. */
  readonly validated?: number;
  /** What stopped the whole run. */
  readonly error?: ProvisionerError;
}
