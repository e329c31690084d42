import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { argumentsFrom, literalsIn, wildcard } from './literals.ts';

/** One way in which a run can go red, as the source words it. */
export interface RedMessage {
  /** Relative path with slashes. */
  readonly file: string;
  readonly line: number;
  /** The source of the literal, for messages. */
  readonly source: string;
  /** Fits every text that this message can turn into. */
  readonly pattern: RegExp;
}

/** Which argument of a call holds the message; everything that stands after `because` is one, too. */
const CALLS: readonly (readonly [opening: RegExp, argument: number])[] = [
  [/new (?:Manifest|Blocked|Waiting|Internal)Error\(/g, 0],
  [/new ProviderError\(/g, 1],
  [/\bnotAccepted\(/g, 1],
  [/\bnotTold\(/g, 0],
  [/\bfailed\(/g, 0],
  [/\bbecause(?::| =(?=\s)) */g, 0],
];

/**
 * Every message of an error in the sources below `folders`, found in their text: the literals of the argument that says
 * what went wrong. What stands in a variable is found where it is written down, or not at all.
 */
export function redMessages(root: string, folders: readonly string[]): RedMessage[] {
  return folders
    .flatMap((folder) => sourcesIn(root, folder))
    .flatMap((file) => inFile(file, readFileSync(join(root, file), 'utf8')));
}

function sourcesIn(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .sort();
}

function inFile(file: string, text: string): RedMessage[] {
  return CALLS.flatMap(([opening, argument]) =>
    [...text.matchAll(opening)].flatMap(({ 0: call, index }) => {
      const line = text.slice(0, index).split('\n').length;
      const parts = argumentsFrom(text, index + call.length);
      return literalsIn(parts[argument] ?? '')
        .filter(isSentence)
        .map((source) => ({ file, line, source, pattern: patternOf(source) }));
    }),
  );
}

/** Single words are what something is compared with. */
function isSentence(literal: string): boolean {
  const fixed = wildcard(literal).join('');
  return /[a-z]{2}/.test(fixed) && fixed.includes(' ');
}

function patternOf(literal: string): RegExp {
  const fixed = wildcard(literal).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${fixed.join('.*')}$`, 's');
}
