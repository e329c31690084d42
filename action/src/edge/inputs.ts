import { ManifestError } from '../engine/errors.ts';
import type { Variables } from '../environment.ts';

export const COMMANDS = ['validate', 'plan', 'apply', 'intake', 'drift'] as const;
export type Command = (typeof COMMANDS)[number];

/** What the action is asked to do: `action.yml`. */
export interface Inputs {
  readonly command: Command;
  readonly agencies: readonly string[];
  readonly all: boolean;
  readonly failed: boolean;
  readonly base?: string;
  /** The pull request whose plan is made, or the commit at its head. */
  readonly pull?: number | { readonly head: string };
  /** Whether the plan of a pull request is written there. */
  readonly comment: boolean;
  /** Whether the plan of a pull request also looks at the vendors. */
  readonly live: boolean;
  /** The id of an onboarding request; foreign text. */
  readonly request?: string;
  /** The number of an issue that was made with the form. */
  readonly issue?: number;
}

const SHA = /^[0-9a-f]{40}$/;

/**
 * Reads the inputs as the runner hands them over. Throws ManifestError for one that cannot be meant.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax
 */
export function readInputs(variables: Variables): Inputs {
  const text = (name: string) => variables[`INPUT_${name.toUpperCase()}`]?.trim() || undefined;
  const [base, request, issue, pull] = [text('base'), text('request'), number('issue', text), pullFrom(text)];
  return {
    command: commandFrom(text('command') ?? 'plan'),
    agencies: (text('agencies') ?? '').split(/[\s,]+/).filter((slug) => slug !== ''),
    all: flag('all', text) ?? false,
    failed: flag('failed', text) ?? false,
    comment: flag('comment', text) ?? true,
    live: flag('live', text) ?? false,
    ...(base !== undefined && { base }),
    ...(pull !== undefined && { pull }),
    ...(request !== undefined && { request }),
    ...(issue !== undefined && { issue }),
  };
}

type Text = (name: string) => string | undefined;

function commandFrom(word: string): Command {
  const command = COMMANDS.find((one) => one === word);
  if (command) return command;
  throw new ManifestError(`the input command is "${word}"`, `Give it one of: ${COMMANDS.join(', ')}.`);
}

function pullFrom(text: Text): Inputs['pull'] {
  const [by, head] = [number('pull-request', text), text('head')];
  if (by !== undefined || head === undefined) return by;
  if (SHA.test(head)) return { head };
  throw new ManifestError('the input head is no commit', 'Give it the whole sha of the pull request’s last commit.');
}

function number(name: string, text: Text): number | undefined {
  const word = text(name);
  if (word === undefined) return undefined;
  if (/^[1-9]\d{0,9}$/.test(word)) return Number(word);
  throw new ManifestError(`the input ${name} is no number`, 'Give it the number that GitHub shows behind the #.');
}

function flag(name: string, text: Text): boolean | undefined {
  const word = text(name);
  if (word === undefined) return undefined;
  if (word === 'true' || word === 'false') return word === 'true';
  throw new ManifestError(`the input ${name} is neither true nor false`, 'Give it one of the two, or leave it out.');
}
