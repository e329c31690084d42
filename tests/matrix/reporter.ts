import type { Reporter, TestCase, TestModule } from 'vitest/node';
import type { Cell } from './matrix.ts';

const PROGRESS_EVERY_MS = 10_000;

interface Ended extends Cell {
  readonly passed: boolean;
}

/** Says how far it is, every failure at once, and at the end which site stood which effect. */
export class MatrixReporter implements Reporter {
  readonly #began = Date.now();
  readonly #ended: Ended[] = [];
  #others = { passed: 0, failed: 0 };
  #saidAt = Date.now();

  onTestCaseResult(test: TestCase): void {
    const { state } = test.result();
    if (state === 'skipped') return;
    const passed = state === 'passed';
    const { cell } = test.meta();
    if (cell) this.#ended.push({ ...cell, passed });
    else this.#others[passed ? 'passed' : 'failed'] += 1;
    if (!passed) console.log(`matrix: FAILED ${test.fullName}`);
    if (Date.now() - this.#saidAt > PROGRESS_EVERY_MS) this.#progress();
  }

  onTestRunEnd(_modules: readonly TestModule[]): void {
    console.log(`\n${tableOf(this.#ended)}\n`);
    this.#progress();
  }

  #progress(): void {
    this.#saidAt = Date.now();
    const failed = this.#ended.filter((one) => !one.passed).length + this.#others.failed;
    const passed = this.#ended.length + this.#others.passed + this.#others.failed - failed;
    console.log(`matrix: ${passed} passed, ${failed} failed after ${Math.round((Date.now() - this.#began) / 1000)} s`);
  }
}

/** One line a site, one column an effect: how many cases passed, or FAILED where one did not. */
export function tableOf(ended: readonly Ended[]): string {
  const effects = [...new Set(ended.map(({ effect }) => effect))].sort();
  const sites = [...new Set(ended.flatMap((one) => one.sites))].sort();
  const first = Math.max(4, ...sites.map((site) => site.length));
  const line = (name: string, cells: readonly string[]) =>
    [name.padEnd(first), ...cells.map((cell, at) => cell.padStart(Math.max(6, effects[at]?.length ?? 0)))].join('  ');
  const rows = sites.map((site) =>
    line(
      site,
      effects.map((effect) => mark(ended, site, effect)),
    ),
  );
  const totals = effects.map((effect) => {
    const cases = ended.filter((one) => one.effect === effect);
    return `${cases.filter(({ passed }) => passed).length}/${cases.length}`;
  });
  return [line('site', effects), ...rows, line('cases passed', totals)].join('\n');
}

function mark(ended: readonly Ended[], site: string, effect: string): string {
  const cases = ended.filter((one) => one.effect === effect && one.sites.includes(site));
  if (cases.length === 0) return '-';
  return cases.every(({ passed }) => passed) ? 'ok' : 'FAILED';
}
