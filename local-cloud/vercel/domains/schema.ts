import { z } from 'zod';

const status = z.union([z.literal(301), z.literal(302), z.literal(307), z.literal(308)]).nullable();
const shared = {
  gitBranch: z.string().max(250).nullable().optional(),
  redirect: z.string().nullable().optional(),
  redirectStatusCode: status.optional(),
};

export const addBody = z.strictObject({ name: z.string(), ...shared });
export const updateBody = z.strictObject(shared);
export const removeBody = z.strictObject({ removeRedirects: z.boolean().optional() });

export const listQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).optional(),
  since: z.coerce.number().optional(),
  until: z.coerce.number().optional(),
  order: z.enum(['ASC', 'DESC']).optional(),
  production: z.enum(['true', 'false']).optional(),
  verified: z.enum(['true', 'false']).optional(),
});

export const configQuery = z.strictObject({
  projectIdOrName: z.string().optional(),
  strict: z.enum(['true', 'false']).optional(),
});
