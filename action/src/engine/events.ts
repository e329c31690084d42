import type { Change } from './decide.ts';
import type { ErrorClass, Trouble } from './errors.ts';
import type { Address } from './resource.ts';

/** How one resource ended; completes "vercel.project has been …". */
export type Result =
  | 'created'
  | 'updated'
  | 'replaced'
  | 'deleted'
  | 'recovered'
  | 'adopted'
  | 'unchanged'
  | 'skipped'
  | 'blocked'
  | 'failed';

export type RunResult = 'done' | 'failed' | 'blocked' | 'waiting' | 'changes';

/** How a run ends that met an error of this class. */
export function resultOf(errorClass: ErrorClass): RunResult {
  return errorClass === 'blocked' || errorClass === 'waiting' ? errorClass : 'failed';
}

/** What happens during a run, as it happens. Everything that people or machines see of a run is made from these. */
export type Event =
  | {
      readonly type: 'problem';
      readonly agency?: string;
      readonly file: string;
      readonly line: number;
      readonly column: number;
      readonly message: string;
      readonly remedy: string;
    }
  | { readonly type: 'plan'; readonly agency: string; readonly changes: readonly Change[] }
  | { readonly type: 'started'; readonly agency: string; readonly address: Address; readonly action: Change['action'] }
  | { readonly type: 'waiting'; readonly agency: string; readonly address: Address; readonly on: string }
  | {
      readonly type: 'outcome';
      readonly agency: string;
      readonly address: Address;
      readonly outcome: Result;
      readonly id?: string;
      readonly ms: number;
      readonly because?: string;
      readonly error?: Trouble;
    }
  | {
      readonly type: 'agency';
      readonly agency: string;
      readonly result: RunResult | 'unchanged';
      readonly url?: string;
      readonly message: string;
      readonly error?: Trouble;
    }
  | { readonly type: 'notice'; readonly agency?: string; readonly message: string }
  | {
      readonly type: 'run';
      readonly result: RunResult;
      readonly message: string;
      readonly agencies: number;
      readonly changed: number;
      readonly error?: Trouble;
    };

/** An event with its time, as it is emitted. */
export type Stamped = Event & { readonly v: 1; readonly at: string };

export type Emit = (event: Event) => void;
