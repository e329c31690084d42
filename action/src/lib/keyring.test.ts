import { describe, expect, it } from 'vitest';
import { keyring } from './keyring.ts';
import { Secret } from './secret.ts';

const old = new Secret('the-old-provisioner-secret-0123456789');
const current = new Secret('the-new-provisioner-secret-0123456789');

describe('keyring', () => {
  it('derives the same password for the same label, and another for another', () => {
    const one = keyring(current).password('owner:1').reveal();
    expect(keyring(current).password('owner:1').reveal()).toBe(one);
    expect(keyring(current).password('owner:2').reveal()).not.toBe(one);
    expect(keyring(old).password('owner:1').reveal()).not.toBe(one);
  });

  it('makes passwords of 24 signs that satisfy the usual policies', () => {
    for (let index = 0; index < 200; index += 1) {
      const password = keyring(current).password(`label-${index}`).reveal();
      expect(password).toMatch(/^(?=.*[a-z])(?=.*[A-Z])(?=.*[2-9])[A-Za-z2-9]{24}$/);
    }
  });

  it('recognises its own fingerprints and no others', () => {
    const ring = keyring(current);
    const print = ring.fingerprint('value');
    expect(ring.matches('value', print)).toBe(true);
    expect(ring.matches('other', print)).toBe(false);
    expect(print).not.toContain('value');
  });

  it('honours fingerprints of the previous secret until they are rewritten', () => {
    const print = keyring(old).fingerprint('value');
    const rotated = keyring(current, old);
    expect(rotated.matches('value', print)).toBe(true);
    expect(rotated.isCurrent(print)).toBe(false);
    expect(rotated.isCurrent(rotated.fingerprint('value'))).toBe(true);
  });

  it('fails closed on a fingerprint of a secret it does not have', () => {
    expect(keyring(current).matches('value', keyring(old).fingerprint('value'))).toBe(false);
    expect(keyring(current).matches('value', 'garbage')).toBe(false);
  });

  it('names a secret without giving it away', () => {
    expect(keyring(current).keyId).toMatch(/^[0-9a-f]{8}$/);
    expect(keyring(current).keyId).not.toBe(keyring(old).keyId);
  });
});
