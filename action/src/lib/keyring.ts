import { createHash, createHmac, hkdfSync } from 'node:crypto';
import { Secret } from './secret.ts';

const ALPHABET = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789';
const PASSWORD_LENGTH = 24;

/** Everything derived from `PROVISIONER_SECRET`; two runs with the same secret derive the same. */
export interface Keyring {
  /** Names the current secret without giving it away; stands beside every fingerprint. */
  readonly keyId: string;
  /** A password of 24 letters and digits (140 bits), the same for the same label. */
  password(label: string): Secret;
  /** `<keyId>:<mac>` of a text, under the current secret. */
  fingerprint(text: string): string;
  /** Whether a recorded fingerprint is of this text, under the current or the previous secret; fails closed. */
  matches(text: string, fingerprint: string): boolean;
  /** Whether a recorded fingerprint was made under the current secret. */
  isCurrent(fingerprint: string): boolean;
}

/** Derivation is HKDF-SHA256 with the purpose and the caller's label as info, so no two uses share a key. */
export function keyring(current: Secret, previous?: Secret): Keyring {
  const keys = new Map([current, ...(previous ? [previous] : [])].map((secret) => [keyIdOf(secret), secret]));
  const keyId = keyIdOf(current);
  const mac = (secret: Secret, text: string) =>
    createHmac('sha256', derive(secret, 'fingerprint', 32))
      .update(text)
      .digest('hex')
      .slice(0, 32);
  return {
    keyId,
    password: (label) => new Secret(passwordFrom(derive(current, `password:${label}`, 4 * PASSWORD_LENGTH))),
    fingerprint: (text) => `${keyId}:${mac(current, text)}`,
    matches: (text, fingerprint) => {
      const [id = '', value] = fingerprint.split(':');
      const secret = keys.get(id);
      return secret !== undefined && mac(secret, text) === value;
    },
    isCurrent: (fingerprint) => fingerprint.startsWith(`${keyId}:`),
  };
}

function derive(secret: Secret, purpose: string, bytes: number): Buffer {
  return Buffer.from(hkdfSync('sha256', secret.reveal(), 'agency-provisioner', purpose, bytes));
}

function keyIdOf(secret: Secret): string {
  return createHash('sha256')
    .update(derive(secret, 'key-id', 32))
    .digest('hex')
    .slice(0, 8);
}

/** Four bytes a character keep the bias of the modulo under one in 70 million; fixed places hold each class of sign. */
function passwordFrom(bytes: Buffer): string {
  const pick = (index: number, from: string) => from.charAt(bytes.readUInt32BE(index * 4) % from.length);
  const body = Array.from({ length: PASSWORD_LENGTH - 3 }, (_, index) => pick(index, ALPHABET)).join('');
  const last = PASSWORD_LENGTH - 3;
  return `${body}${pick(last, 'ABCDEFGHJKLMNPQRSTUVWXYZ')}${pick(last + 1, 'abcdefghijkmnopqrstuvwxyz')}${pick(last + 2, '23456789')}`;
}
