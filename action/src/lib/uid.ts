import { randomInt } from 'node:crypto';

const SIGNS = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** A new `metadata.uid`: eight small letters and digits. */
export function freshUid(): string {
  return Array.from({ length: 8 }, () => SIGNS.charAt(randomInt(SIGNS.length))).join('');
}
