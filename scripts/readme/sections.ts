import type { Resource } from '../../action/src/engine/resource.ts';
import type { About } from '../../action/src/variables.ts';
import type { Command } from '../commands/command.ts';
import { fieldsOf, type JsonSchema } from './fields.ts';

/** A Markdown table; cells are text of ours, so only what would end a cell is escaped. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '--')), ...rows.map(line)].join('\n');
}

/** The fields of a file below `under`, such as `spec`; of all of it when that is empty. */
export function fieldTable(schema: JsonSchema, leaveOut: readonly string[] = []): string {
  const rows = fieldsOf(schema)
    .filter(({ path }) => !leaveOut.some((one) => path === one || path.startsWith(`${one}.`)))
    .map(({ path, values, needed, description }) => [`\`${path}\``, values, needed, description]);
  return table(['field', 'value', 'needed', 'what it is'], rows);
}

/** What the CLI can do. */
export function commandTable(commands: readonly Command[]): string {
  const rows = commands.map(({ name, usage, summary }) => [`\`${`${name} ${usage}`.trim()}\``, summary]);
  return table(['command', 'what it does'], rows);
}

/** What is read from the environment. */
export function variableTable(variables: Readonly<Record<string, About>>): string {
  const rows = Object.entries(variables).map(([name, { purpose, where }]) => [`\`${name}\``, `${purpose}. ${where}`]);
  return table(['variable', 'what it is, and where it comes from'], rows);
}

/** The part of an action.yml that people who use it need. */
export interface ActionFile {
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly default?: string }>>;
  readonly outputs: Readonly<Record<string, { readonly description: string }>>;
}

/** What an action takes and gives. */
export function actionTable({ inputs, outputs }: ActionFile): string {
  const taken = Object.entries(inputs).map(([name, { description, default: standard }]) => {
    return ['input', `\`${name}\``, standard ? `${description} Default: \`${standard}\`.` : description];
  });
  const given = Object.entries(outputs).map(([name, { description }]) => ['output', `\`${name}\``, description]);
  return table(['', 'name', 'what it is'], [...taken, ...given]);
}

/** What waits for what; a dotted line waits only until the other thing exists, not until it works. */
export function graph(resources: readonly Pick<Resource, 'address' | 'after'>[]): string {
  const id = (address: string) => address.replaceAll('.', '_');
  const nodes = resources.map(({ address }) => `    ${id(address)}["${address}"]`);
  const edges = resources.flatMap(({ address, after }) =>
    after.map(({ address: from, stage }) => `    ${id(from)} ${stage === 'created' ? '-.->' : '-->'} ${id(address)}`),
  );
  return ['```mermaid', 'flowchart LR', ...nodes, ...edges, '```'].join('\n');
}

/** The text with what stands between each section's markers replaced. Throws for a marker that is not there. */
export function fill(text: string, sections: Readonly<Record<string, string>>): string {
  return Object.entries(sections).reduce((filled, [name, content]) => {
    const [begin, end] = [`<!-- generated:${name} -->`, `<!-- /generated:${name} -->`];
    const [from, to] = [filled.indexOf(begin), filled.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`README.md needs ${begin} and, behind it, ${end}`);
    return `${filled.slice(0, from + begin.length)}\n${content}\n${filled.slice(to)}`;
  }, text);
}
