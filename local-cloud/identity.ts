import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { ALPHANUMERIC, HEX, LOWERCASE } from './chance.ts';
import type { Chance } from './service.ts';

export const identitySchema = z.object({
  supabaseToken: z.string(),
  organizationSlug: z.string(),
  vercelToken: z.string(),
  teamId: z.string(),
  resendKey: z.string(),
  githubToken: z.string(),
  provisionerSecret: z.string(),
});

/** The accounts that a cloud's owner has with its vendors, and the provisioner's own secret. */
export type Identity = z.infer<typeof identitySchema>;

/** All but the provisioner's secret follow from the seed: that one protects passwords and must not be guessable. */
export function createIdentity(chance: Chance): Identity {
  return {
    supabaseToken: `sbp_${chance.text('identity.supabase-token', 40, HEX)}`,
    organizationSlug: chance.text('identity.organization', 20, LOWERCASE),
    vercelToken: chance.text('identity.vercel-token', 24, ALPHANUMERIC),
    teamId: `team_${chance.text('identity.vercel-team', 24, ALPHANUMERIC)}`,
    resendKey: `re_${chance.text('identity.resend-key', 8, ALPHANUMERIC)}_${chance.text('identity.resend-key', 24, ALPHANUMERIC)}`,
    githubToken: `ghs_${chance.text('identity.github-token', 36, ALPHANUMERIC)}`,
    provisionerSecret: randomBytes(32).toString('hex'),
  };
}

/** The environment that points the provisioner, and other tools, at the cloud. */
export function environmentOf(identity: Identity, origin: string, speed: number): Record<string, string> {
  return {
    SUPABASE_ACCESS_TOKEN: identity.supabaseToken,
    SUPABASE_ORG_ID: identity.organizationSlug,
    SUPABASE_API_URL: `${origin}/supabase`,
    SUPABASE_PROJECT_URL: `${origin}/projects/{ref}`,
    VERCEL_TOKEN: identity.vercelToken,
    VERCEL_TEAM_ID: identity.teamId,
    VERCEL_API_URL: `${origin}/vercel`,
    INSTANCE_URL: `${origin}/sites/{host}`,
    RESEND_API_KEY: identity.resendKey,
    RESEND_BASE_URL: `${origin}/resend`,
    GITHUB_TOKEN: identity.githubToken,
    GITHUB_API_URL: `${origin}/github`,
    PROVISIONER_SECRET: identity.provisionerSecret,
    PROVISIONER_TIME_SCALE: String(1 / speed),
  };
}
