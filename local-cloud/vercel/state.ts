import { z } from 'zod';

export const targets = ['production', 'preview', 'development'] as const;
export const envTypes = ['system', 'encrypted', 'plain', 'sensitive'] as const;
export const ssoTypes = [
  'all',
  'preview',
  'prod_deployment_urls_and_all_previews',
  'all_except_custom_domains',
] as const;

const envVariable = z.object({
  id: z.string(),
  key: z.string(),
  value: z.string(),
  type: z.enum(envTypes),
  target: z.array(z.enum(targets)),
  gitBranch: z.string().nullable(),
  comment: z.string(),
  createdAt: z.number(),
  updatedAt: z.number(),
});

const domain = z.object({
  name: z.string(),
  verified: z.boolean(),
  gitBranch: z.string().nullable(),
  redirect: z.string().nullable(),
  redirectStatusCode: z.number().nullable(),
  createdAt: z.number(),
  updatedAt: z.number(),
});

const project = z.object({
  id: z.string(),
  /** The team or the person it belongs to. */
  accountId: z.string(),
  name: z.string(),
  /** Its own host under vercel.app; not always the name. */
  host: z.string(),
  /** Fields that are stored and shown and mean nothing more here: build commands, framework, … */
  settings: z.record(z.string(), z.unknown()),
  sso: z.enum(ssoTypes).nullable(),
  paused: z.boolean(),
  /** Off after a rollback, until something is promoted. */
  autoAssign: z.boolean(),
  env: z.array(envVariable),
  domains: z.array(domain),
  createdAt: z.number(),
  updatedAt: z.number(),
});

const deployment = z.object({
  id: z.string(),
  projectId: z.string(),
  accountId: z.string(),
  /** As the project was called then. */
  name: z.string(),
  /** The host that only this deployment has. */
  host: z.string(),
  target: z.enum(['production', 'staging']).nullable(),
  meta: z.record(z.string(), z.string()),
  source: z.object({
    repository: z.string(),
    repoId: z.number(),
    /** How the request named the repository. */
    by: z.enum(['repoId', 'name']),
    ref: z.string(),
    sha: z.string(),
  }),
  outcome: z.enum(['ready', 'error', 'blocked', 'alias-error']),
  /** The variables of its target when it was created. */
  env: z.record(z.string(), z.string()),
  /** Made while automatic assignment was off: serves only once promoted. */
  staged: z.boolean(),
  createdAt: z.number(),
  /** How often somebody asked, before and after the build ended. */
  looks: z.number(),
  looksAfterEnd: z.number(),
  endedAt: z.number().nullable(),
  canceledAt: z.number().nullable(),
  aliasedAt: z.number().nullable(),
  aliasError: z.object({ code: z.string(), message: z.string() }).nullable(),
});

/** Everything the emulated Vercel remembers. */
export const vercelState = z.object({
  serial: z.number(),
  lastTime: z.number(),
  projects: z.array(project),
  deployments: z.array(deployment),
});

export type VercelState = z.infer<typeof vercelState>;
export type Project = z.infer<typeof project>;
export type EnvVariable = z.infer<typeof envVariable>;
export type ProjectDomain = z.infer<typeof domain>;
export type Deployment = z.infer<typeof deployment>;
export type Target = (typeof targets)[number];

export const emptyState: VercelState = { serial: 0, lastTime: 0, projects: [], deployments: [] };
