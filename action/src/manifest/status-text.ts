import type { Condition, Status } from './schema.ts';
import { yamlFlow, yamlString } from './yaml-text.ts';

/** The lines of a status block, always in the same order, each ending with `lineEnd`. */
export function renderStatus(status: Status, lineEnd: string): string {
  const lines = [
    ...fact('observedSpecDigest', status.observedSpecDigest),
    ...fact('lastAppliedRevision', status.lastAppliedRevision),
    ...fact('startedAt', status.startedAt),
    ...fact('completedAt', status.completedAt),
    ...fact('retainUntil', status.retainUntil),
    ...block('conditions', status.conditions.map(renderCondition)),
    ...block(
      'outputs',
      sorted(status.outputs).map(([key, value]) => `${yamlString(key)}: ${yamlString(value)}`),
    ),
    ...block(
      'resources',
      sorted(status.resources).map(([key, facts]) => `${yamlString(key)}: ${renderFacts(facts)}`),
    ),
  ];
  const all = lines.length === 0 ? ['status: {}'] : ['status:', ...lines.map((line) => `  ${line}`)];
  return all.map((line) => line + lineEnd).join('');
}

function fact(key: string, value: string | undefined): string[] {
  return value === undefined ? [] : [`${key}: ${yamlString(value)}`];
}

function block(key: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`${key}:`, ...lines.map((line) => `  ${line}`)];
}

function renderCondition({ type, status, reason, message, lastTransitionTime }: Condition): string {
  const members = Object.entries({ type, status, reason, message, lastTransitionTime });
  return `- ${yamlFlow(members)}`;
}

/** The id first, because it is what people look for. */
function renderFacts(facts: Readonly<Record<string, string>>): string {
  const { id, ...rest } = facts;
  return yamlFlow([...(id === undefined ? [] : [['id', id] as const]), ...sorted(rest)]);
}

function sorted<V>(record: Readonly<Record<string, V>>): [string, V][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}
