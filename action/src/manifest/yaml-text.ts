/** A word that no YAML reader, 1.1 or 1.2, takes for anything but a string, in block and in flow. */
const plain = /^[A-Za-z][A-Za-z0-9_./+-]*(?: [A-Za-z0-9][A-Za-z0-9_./+-]*)*$/;

/** What some YAML reader, of 1.1 or 1.2, takes for a boolean, for nothing, or for a number without digits before its exponent. */
const taken = /^(?:y|n|yes|no|on|off|true|false|null|e[-+]?\d+)$/i;

/** Characters that JSON leaves as they are, and that a YAML file may not hold or a reviewer cannot see. */
const unseen =
  /[\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff]|[\u{e0000}-\u{e007f}]/gu;

/** Foreign text as a YAML scalar of one line that reads back as exactly the same string. */
export function yamlString(text: string): string {
  return plain.test(text) && !taken.test(text) ? text : JSON.stringify(text).replace(unseen, escaped);
}

function escaped(character: string): string {
  const hex = (character.codePointAt(0) ?? 0).toString(16);
  return hex.length > 4 ? `\\U${hex.padStart(8, '0')}` : `\\u${hex.padStart(4, '0')}`;
}

/** A flow mapping on one line, in the order given: `{ id: abc, region: us-east-1 }`. */
export function yamlFlow(members: readonly (readonly [string, string])[]): string {
  if (members.length === 0) return '{}';
  return `{ ${members.map(([key, value]) => `${yamlString(key)}: ${yamlString(value)}`).join(', ')} }`;
}
