import { z } from 'zod';
import { envTypes, targets } from '../state.ts';

/** One variable to create. The vendor's 2025-10 document wants `target` as a list; a single string is taken too. */
export const envWish = z.strictObject({
  key: z.string(),
  value: z.string(),
  type: z.enum(envTypes),
  target: z.union([z.enum(targets), z.array(z.enum(targets)).min(1)]),
  gitBranch: z.string().max(250).nullable().optional(),
  comment: z.string().max(500).optional(),
});

export type EnvWish = z.infer<typeof envWish>;

export const createBody = z.union([envWish, z.array(envWish).min(1)]);

export const createQuery = z.strictObject({ upsert: z.enum(['true', 'false']).optional() });

export const listQuery = z.strictObject({
  decrypt: z.enum(['true', 'false']).optional(),
  gitBranch: z.string().max(250).optional(),
  source: z.string().optional(),
});

export const updateBody = z.strictObject({
  key: z.string().optional(),
  value: z.string().optional(),
  type: z.enum(envTypes).optional(),
  target: z.array(z.enum(targets)).min(1).optional(),
  gitBranch: z.string().max(250).nullable().optional(),
  comment: z.string().max(500).optional(),
});

export const removeBody = z.strictObject({ ids: z.array(z.string()).min(1).max(1000) });
