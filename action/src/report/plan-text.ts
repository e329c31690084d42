import type { Action, Change } from '../engine/decide.ts';
import type { Difference } from '../engine/kind.ts';
import { oneLine } from '../lib/one-line.ts';
import { count, pad, truncate, wrap } from './text.ts';

/** What a plan's text is made from: a `Plan`, or the event that announced it. */
export interface PlanView {
  readonly agency: string;
  readonly changes: readonly Change[];
}

export interface PlanTextOptions {
  /** Columns; at least 40. */
  readonly width?: number;
  /** Shows what stays as it is, too. */
  readonly all?: boolean;
}

const SIGNS: Readonly<Record<Action, string>> = {
  create: '+',
  update: '~',
  replace: '±',
  delete: '-',
  recover: '^',
  adopt: '>',
  noop: ' ',
  blocked: '!',
};

const WORDS: Readonly<Record<Action, string>> = {
  create: 'create',
  update: 'update',
  replace: 'replace',
  delete: 'delete',
  recover: 'recover (ours, but not recorded)',
  adopt: 'adopt',
  noop: 'unchanged',
  blocked: 'blocked',
};

const DANGERS: Readonly<Record<Exclude<Change['danger'], 'none'>, string>> = {
  adopt: 'takes over what is not ours yet',
  recreate: 'makes an empty one in place of what is gone',
  replace: 'deletes it and makes another',
  delete: 'deletes it',
  'lower-protection': 'makes it less protected than it is',
};

const VALUE_WIDTH = 60;
const DETAIL = ' '.repeat(6);

/** A plan as plain text, for terminal, comment and summary alike. Pure; foreign text in it is one line and cut. */
export function planText({ agency, changes }: PlanView, { width = 100, all = false }: PlanTextOptions = {}): string {
  const shown = all ? changes : worthShowing(changes);
  const column = Math.max(0, ...shown.map(({ address }) => address.length));
  const lines = shown.flatMap((change) => linesOf(change, column, Math.max(40, width)));
  return [`${oneLine(agency)}: ${planCounts(changes)}`, ...lines].join('\n');
}

/** `3 to create, 1 blocked, 7 unchanged`. */
export function planCounts(changes: readonly Change[]): string {
  const order: readonly Action[] = ['create', 'update', 'replace', 'delete', 'recover', 'adopt'];
  const numberOf = (action: Action) => changes.filter((change) => change.action === action).length;
  const todo = order.flatMap((action) => (numberOf(action) > 0 ? [`${numberOf(action)} to ${action}`] : []));
  const blocked = numberOf('blocked') > 0 ? [`${numberOf('blocked')} blocked`] : [];
  if (todo.length + blocked.length === 0) return 'nothing to change';
  const rest = numberOf('noop') > 0 ? [`${numberOf('noop')} unchanged`] : [];
  const dangerous = changes.filter(({ danger }) => danger !== 'none').length;
  const warning = dangerous > 0 ? ` — ${count(dangerous, 'dangerous change')}` : '';
  return [...todo, ...blocked, ...rest].join(', ') + warning;
}

/** What stays as it is may still have something to say, such as a mail address that its owner changed. */
export function worthShowing(changes: readonly Change[]): readonly Change[] {
  return changes.filter(({ action, because }) => action !== 'noop' || because !== undefined);
}

/** The words for a change, each in one line; foreign text in them is not escaped. */
export interface ChangeWords {
  /** As `create, known after supabase.project`. */
  readonly what: string;
  /** As `size: micro`. */
  readonly settings: readonly string[];
  readonly danger?: string;
  readonly because?: string;
  readonly remedy?: string;
}

/** The one source of words for terminal, comment and summary. */
export function changeWords(change: Change): ChangeWords {
  const { action, id, danger, because, remedy } = change;
  const what = action === 'adopt' && id !== undefined ? `adopt ${oneLine(id)}` : WORDS[action];
  return {
    what: `${what}${pending(change)}`,
    settings: change.differences.map(differenceText),
    ...(danger !== 'none' && { danger: `DANGEROUS: it ${DANGERS[danger]}` }),
    ...(because !== undefined && { because: oneLine(because) }),
    ...(remedy !== undefined && { remedy: oneLine(remedy) }),
  };
}

function linesOf(change: Change, column: number, width: number): string[] {
  const { what, settings, danger, because, remedy } = changeWords(change);
  const head = `  ${SIGNS[change.action]} ${pad(change.address, column)}  ${what}`;
  return [
    ...wrapped(head, width, DETAIL),
    ...settings.map((setting) => truncate(`${DETAIL}${setting}`, width)),
    ...(danger === undefined ? [] : wrapped(`${DETAIL}${danger}`, width, DETAIL)),
    ...(because === undefined ? [] : wrapped(DETAIL + because, width, DETAIL)),
    ...(remedy === undefined ? [] : wrapped(`${DETAIL}-> ${remedy}`, width, `${DETAIL}   `)),
  ];
}

function pending({ knownAfter }: Change): string {
  const addresses = new Set(knownAfter.map((output) => output.slice(0, output.lastIndexOf('.'))));
  return addresses.size === 0 ? '' : `, known after ${[...addresses].join(', ')}`;
}

function differenceText({ path, before, after, immutable, lowersProtection, writeOnly }: Difference): string {
  const notes = [
    ...(immutable ? ['cannot change'] : []),
    ...(lowersProtection ? ['lowers protection'] : []),
    ...(writeOnly ? ['cannot be read back'] : []),
  ];
  const note = notes.length > 0 ? ` (${notes.join(', ')})` : '';
  return `${oneLine(path)}${values(before, after)}${note}`;
}

function values(before: string | undefined, after: string | undefined): string {
  if (before === undefined && after === undefined) return '';
  if (before === undefined) return `: ${value(after)}`;
  return `: ${value(before)} -> ${after === undefined ? '(removed)' : value(after)}`;
}

function value(text = ''): string {
  return text === '' ? '""' : truncate(oneLine(text), VALUE_WIDTH);
}

function wrapped(text: string, width: number, indent: string): string[] {
  const lead = /^ */.exec(text)?.[0] ?? '';
  const [first = '', ...rest] = wrap(text.slice(lead.length), width - Math.max(lead.length, indent.length));
  return [lead + first, ...rest.map((line) => indent + line)];
}
