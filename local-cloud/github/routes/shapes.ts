import { z } from 'zod';

const date = z.string().refine((text) => !Number.isNaN(Date.parse(text)), { error: 'is not a date' });

export const person = z.strictObject({ name: z.string().min(1), email: z.string().min(1), date: date.optional() });

/** Where clients may send `null` for nothing. */
export const text = z.string().nullish();

export const sha = z.string().regex(/^[0-9a-f]{40}$/, { error: 'is not a valid SHA' });

export function isBase64(value: string): boolean {
  return /^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(value) && value.replace(/\s/g, '').length % 4 === 0;
}
