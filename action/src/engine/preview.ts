import { Secret } from '../lib/secret.ts';
import type { Difference } from './kind.ts';
import { type Input, type Inputs, isList, Ref } from './resource.ts';

/**
 * What a new thing will be told, one line an input, so that reviewers see what they approve. What another resource
 * puts out is left out, because the change already says what it waits for; a secret shows only that there is one.
 */
export function preview(inputs: Inputs): Difference[] {
  return Object.entries(inputs).flatMap(([path, input]) => linesOf(path, input));
}

function linesOf(path: string, input: Input): Difference[] {
  if (input instanceof Ref) return [];
  if (input instanceof Secret) return [{ path, after: '(secret)' }];
  if (input === null || typeof input !== 'object') return [{ path, after: String(input) }];
  if (isList(input)) return [{ path, after: listed(input) }];
  return preview(input).map((line) => ({ ...line, path: `${path}.${line.path}` }));
}

/** `3: first, second, third`, by the names of the items where they have one. */
function listed(items: readonly Input[]): string {
  const names = items.map((item) => (isNamed(item) ? item.name : String(item)));
  return `${items.length}${names.length > 0 ? `: ${names.join(', ')}` : ''}`;
}

function isNamed(item: Input): item is { readonly name: string } {
  return typeof item === 'object' && item !== null && 'name' in item && typeof item.name === 'string';
}
