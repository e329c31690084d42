import { createHash } from 'node:crypto';

/** SHA-256 of the text's UTF-8 bytes, as `sha256:<64 hex>`. */
export function sha256(text: string): string {
  return `sha256:${createHash('sha256').update(text, 'utf8').digest('hex')}`;
}

/**
 * JSON with the keys of every object sorted (by code unit) and absent members left out, so that equal values give
 * equal text. Takes what JSON can hold; throws a TypeError for anything else, because a digest must not lose content.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value);
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (isPlainObject(value)) return `{${members(value)}}`;
  throw new TypeError(`canonicalJson takes JSON values, not ${describe(value)}`);
}

/** One string from the start, for this runs over every target of a fleet. */
function members(object: Readonly<Record<string, unknown>>): string {
  let text = '';
  for (const key of Object.keys(object).sort()) {
    const value = object[key];
    if (value === undefined) continue;
    text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(value)}`;
  }
  return text;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function describe(value: unknown): string {
  return typeof value === 'object' ? `an instance of ${value?.constructor.name ?? 'nothing'}` : `a ${typeof value}`;
}
