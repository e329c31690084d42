import { describe, it } from 'vitest';
import { nameOf, type Site } from './sites.ts';

/** What a case is about; the reporter makes the table of it. */
export interface Cell {
  readonly sites: readonly string[];
  readonly effect: string;
}

/** What cases start, as paths of bundles. */
export interface Programs {
  /** The command line. */
  readonly program: string;
  /** The same with a fault of its own, see `reckless/`. */
  readonly forgetsProjects: string;
  readonly mailsTwice: string;
}

declare module 'vitest' {
  interface TaskMeta {
    cell?: Cell;
  }
  interface ProvidedContext {
    /** Every call site of a clean run. */
    sites: Site[];
    programs: Programs;
  }
}

export interface Case {
  readonly sites: readonly Site[];
  readonly effect: string;
  run(): Promise<unknown>;
}

/** Lanes share the cases evenly, so that no worker is idle while another one has half of them left. */
export function lane(number: number, of: number, cases: readonly Case[]): void {
  describe('matrix', () => {
    for (const { sites, effect, run } of cases.filter((_, at) => at % of === number - 1)) {
      const names = sites.map(nameOf);
      const about = names.length === 1 ? names[0] : `${names.length} reads from ${names[0]}`;
      it(`${effect}: ${about}`, async ({ task }) => {
        task.meta.cell = { sites: names, effect };
        await run();
      });
    }
  });
}
