import { createHash } from 'node:crypto';
import type { Chance } from './service.ts';

/** Chance that can be written down: how often each label was drawn. */
export interface SeededChance extends Chance {
  drawn(): Record<string, number>;
}

/** One sequence per label out of `seed`; `drawn` continues the sequences of an earlier process. */
export function createChance(seed: string, drawn: Record<string, number> = {}): SeededChance {
  const counters = new Map(Object.entries(drawn));
  const draw = (label: string): number => {
    const turn = counters.get(label) ?? 0;
    counters.set(label, turn + 1);
    return turn;
  };
  return {
    number: (label) => digest(seed, label, draw(label), 0).readUIntBE(0, 6) / 2 ** 48,
    text(label, length, alphabet) {
      const turn = draw(label);
      return letters(length, alphabet, (block) => digest(seed, label, turn, block));
    },
    drawn: () => Object.fromEntries(counters),
  };
}

function digest(seed: string, label: string, turn: number, block: number): Buffer {
  return createHash('sha256')
    .update(JSON.stringify([seed, label, turn, block]))
    .digest();
}

function letters(length: number, alphabet: string, bytes: (block: number) => Buffer): string {
  const size = 32;
  let text = '';
  for (let block = 0; text.length < length; block++) {
    for (const byte of bytes(block).subarray(0, Math.min(size, length - text.length))) {
      text += alphabet.charAt(byte % alphabet.length);
    }
  }
  return text;
}

export const LOWERCASE = 'abcdefghijklmnopqrstuvwxyz';
export const HEX = '0123456789abcdef';
export const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
