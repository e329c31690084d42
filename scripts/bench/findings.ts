import { median, range } from './statistics.ts';

/** What a figure is measured in. Ratios and counts do not depend on how busy the machine is; the others do. */
export type Unit = 'ratio' | 'count' | 'ms' | 's' | 'MB' | 'kB';

export interface Target {
  readonly bound: 'most' | 'least';
  readonly value: number;
}

/** One figure, with what it should be; without a target it only explains. */
export interface Finding {
  readonly bench: string;
  readonly what: string;
  readonly unit: Unit;
  /** The median where there were several runs. */
  readonly value: number;
  readonly runs: readonly number[];
  readonly target?: Target;
}

/** A figure out of one or several runs. */
export function finding(bench: string, what: string, unit: Unit, runs: readonly number[], target?: Target): Finding {
  return { bench, what, unit, value: median(runs), runs, ...(target && { target }) };
}

export const atMost = (value: number): Target => ({ bound: 'most', value });
export const atLeast = (value: number): Target => ({ bound: 'least', value });

/** Whether the target is met; `undefined` without one. */
export function isMet({ value, target }: Finding): boolean | undefined {
  if (!target) return undefined;
  return target.bound === 'most' ? value <= target.value : value >= target.value;
}

/** What fails the command: a busy machine can spoil a time, but not a ratio within one run, nor a count. */
export function missedRatios(findings: readonly Finding[]): Finding[] {
  return findings.filter((one) => (one.unit === 'ratio' || one.unit === 'count') && isMet(one) === false);
}

/** The findings as a table for people; one line each. */
export function table(findings: readonly Finding[]): string {
  const rows = findings.map((one) => [one.bench, one.what, measured(one), wished(one), verdict(one)]);
  const all = [['bench', 'figure', 'measured', 'target', 'met'], ...rows];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function measured({ value, runs, unit }: Finding): string {
  if (runs.length < 2) return `${figure(value, unit)}`;
  const { least, most } = range(runs);
  return `${figure(value, unit)} (${figure(least, unit)} to ${figure(most, unit)}, n=${runs.length})`;
}

function wished({ target, unit }: Finding): string {
  if (!target) return '';
  return `${target.bound === 'most' ? '<=' : '>='} ${figure(target.value, unit)}`;
}

function verdict(one: Finding): string {
  const met = isMet(one);
  if (met === undefined) return '';
  return met ? 'yes' : 'NO';
}

function figure(value: number, unit: Unit): string {
  if (unit === 'count') return String(value);
  if (unit === 'ratio') return value.toFixed(3);
  return `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ${unit}`;
}
