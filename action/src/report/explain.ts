import { restIn } from '../engine/conditions.ts';
import type { Recorded, Resource } from '../engine/resource.ts';
import { oneLine } from '../lib/one-line.ts';
import type { Standing } from './status.ts';
import { pad } from './text.ts';

/** Everything that the files say of one agency. */
export interface Explained extends Standing {
  readonly inventory: Readonly<Record<string, Recorded>>;
  /** What it should consist of; empty when its manifest cannot be read. */
  readonly resources: readonly Pick<Resource, 'address' | 'after'>[];
}

/** Why an agency stands where it stands, what it waits for and what to do: from its files alone. */
export function explanation(explained: Explained): string {
  const { slug, outputs } = explained;
  const sections = [
    [headOf(explained)],
    section('Problems', explained.problems.map(oneLine)),
    section('Conditions', conditionLines(explained)),
    section('Outputs', table(Object.entries(outputs).map(([name, value]) => [name, value]))),
    section('Inventory', inventoryLines(explained)),
    section('Waits for', waitLines(explained)),
    section('What to do', [advice(explained, slug)]),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .flatMap((lines, index) => (index > 0 ? ['', ...lines] : lines))
    .join('\n')}\n`;
}

function headOf({ slug, due, problems, conditions }: Explained): string {
  if (problems.length > 0) return `${oneLine(slug)}: its manifest has problems, so nothing is done for it`;
  const rest = restIn(conditions);
  const done = `nothing is left to do${rest ? `, it is ${rest.reason.toLowerCase()}` : ''}`;
  return `${oneLine(slug)}: ${due === undefined ? done : `due, because ${due}`}`;
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length > 0 ? [`${title}:`, ...lines.map((line) => `  ${line}`)] : [];
}

function conditionLines({ conditions }: Explained): string[] {
  return table(
    conditions.map(({ type, status, reason, message, lastTransitionTime }) => [
      type,
      status,
      `${reason}: ${message} (since ${lastTransitionTime})`,
    ]),
  );
}

function inventoryLines({ inventory }: Explained): string[] {
  return table(
    Object.entries(inventory).map(([address, { id, intent, ...facts }]) => [
      address,
      id ?? (intent === undefined ? 'not there yet' : `a create was begun at ${intent} and not finished`),
      Object.entries(facts)
        .map(([name, value]) => `${name}=${value}`)
        .join(' '),
    ]),
  );
}

/** What is not recorded yet, and which of the things it stands on are not either. */
function waitLines({ inventory, resources }: Explained): string[] {
  const isThere = (address: string) => inventory[address]?.id !== undefined;
  return resources
    .filter(({ address }) => !isThere(address))
    .map(({ address, after }) => {
      const missing = [...new Set(after.map((dependency) => dependency.address))].filter((one) => !isThere(one));
      return `${address} is not there yet${missing.length > 0 ? `; it waits for ${missing.join(', ')}` : ''}`;
    });
}

function advice({ conditions, due, problems }: Explained, slug: string): string {
  if (problems.length > 0) return 'Mend the manifest as said above; npm run provision -- validate checks it.';
  const stalled = conditions.find(({ type, status }) => type === 'Stalled' && status === 'True');
  if (stalled)
    return `npm run provision -- plan ${slug} says what to decide; after that: npm run provision -- apply ${slug}`;
  return due === undefined ? 'Nothing.' : `npm run provision -- apply ${slug}`;
}

function table(rows: readonly (readonly string[])[]): string[] {
  const clean = rows.map((row) => row.map(oneLine));
  const widths = (clean[0] ?? []).map((_, index) => Math.max(...clean.map((row) => (row[index] ?? '').length)));
  return clean.map((row) =>
    row
      .map((cell, index) => pad(cell, widths[index] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
