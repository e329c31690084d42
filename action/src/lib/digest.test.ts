import { describe, expect, it } from 'vitest';
import { canonicalJson, sha256 } from './digest.ts';

describe('sha256', () => {
  it('is the digest of the UTF-8 bytes', () => {
    expect(sha256('abc')).toBe('sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(sha256('é')).toBe('sha256:4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c');
  });
});

describe('canonicalJson', () => {
  it('does not depend on the order in which keys were written', () => {
    expect(canonicalJson({ b: [1, { d: 'x', c: null }], a: true })).toBe('{"a":true,"b":[1,{"c":null,"d":"x"}]}');
  });

  it('keeps the order of lists and leaves absent members out', () => {
    expect(canonicalJson({ list: [2, 1], gone: undefined })).toBe('{"list":[2,1]}');
  });

  it.each([[new Map()], [new Date(0)], [Number.NaN], [() => 1], [[undefined]], [1n]])(
    'refuses %s rather than lose it',
    (value) => {
      expect(() => canonicalJson(value)).toThrow(TypeError);
    },
  );
});
