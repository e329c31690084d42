/** Something that a person has to mend in a file. Lines and columns count from 1, columns in UTF-16 units. */
export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  /** What to do, as an imperative without a full stop. */
  readonly remedy: string;
  /** The key it is about, such as `spec.owner.email`. */
  readonly path?: string;
}

/** One text file of the control room; `file` is relative to its root, with slashes. */
export interface SourceFile {
  readonly file: string;
  readonly text: string;
}

export type Path = readonly (string | number)[];

/** A problem before its place is known: places are looked up only when there is something to say. */
export interface Finding {
  readonly path: Path;
  /** Whether the key or its value is at fault. */
  readonly on: 'key' | 'value';
  readonly message: string;
  readonly remedy: string;
}

/** By file, then place, then message: the same problems always come in the same order. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  return [...problems].sort(
    (a, b) => compare(a.file, b.file) || a.line - b.line || a.column - b.column || compare(a.message, b.message),
  );
}

/** `file:line:column message — remedy` */
export function renderProblem(problem: Problem): string {
  return `${problem.file}:${problem.line}:${problem.column} ${problem.message} — ${problem.remedy}`;
}

/** The problem at an index of a file's text. */
export function problemAt(source: SourceFile, index: number, message: string, remedy: string): Problem {
  return { file: source.file, ...placeOf(source.text, index), message, remedy };
}

function placeOf(text: string, index: number): { line: number; column: number } {
  const before = text.slice(0, index);
  return { line: before.split('\n').length, column: before.length - before.lastIndexOf('\n') };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
