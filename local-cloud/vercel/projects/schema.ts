import { z } from 'zod';
import { ssoTypes, targets } from '../state.ts';

const line = z.string().max(256).nullable();
const sso = z.strictObject({ deploymentType: z.enum(ssoTypes) }).nullable();
const resources = z.strictObject({
  functionDefaultRegions: z.array(z.string()).optional(),
  functionDefaultTimeout: z.number().optional(),
  functionDefaultMemoryType: z.enum(['standard_legacy', 'standard', 'performance']).optional(),
  functionZeroConfigFailover: z.boolean().optional(),
  fluid: z.boolean().optional(),
  buildMachineType: z.string().optional(),
  elasticConcurrencyEnabled: z.boolean().optional(),
});

const frameworks = ['nextjs', 'remix', 'astro', 'vite', 'nuxtjs', 'svelte', 'sveltekit', 'hono', 'express', 'nestjs'];

/** What create and update have in common. */
const shared = {
  buildCommand: line.optional(),
  commandForIgnoringBuildStep: line.optional(),
  devCommand: line.optional(),
  enableAffectedProjectsDeployments: z.boolean().optional(),
  enablePreviewFeedback: z.boolean().nullable().optional(),
  enableProductionFeedback: z.boolean().nullable().optional(),
  framework: z.enum(frameworks).nullable().optional(),
  installCommand: line.optional(),
  oidcTokenConfig: z
    .strictObject({ enabled: z.boolean().optional(), issuerMode: z.enum(['team', 'global']).optional() })
    .optional(),
  outputDirectory: line.optional(),
  previewDeploymentsDisabled: z.boolean().nullable().optional(),
  publicSource: z.boolean().nullable().optional(),
  resourceConfig: resources.optional(),
  rootDirectory: line.optional(),
  serverlessFunctionRegion: z.string().max(4).nullable().optional(),
  serverlessFunctionZeroConfigFailover: z.boolean().optional(),
  skipGitConnectDuringLink: z.boolean().optional(),
  ssoProtection: sso.optional(),
};

/** Body of POST /v11/projects. `nodeVersion` is not among its properties. */
export const createBody = z.strictObject({
  ...shared,
  name: z.string().max(100),
  environmentVariables: z
    .array(
      z.strictObject({
        key: z.string(),
        value: z.string(),
        target: z.union([z.enum(targets), z.array(z.enum(targets))]),
        type: z.enum(['system', 'encrypted', 'plain', 'sensitive']).optional(),
        gitBranch: z.string().max(250).optional(),
      }),
    )
    .optional(),
  gitRepository: z
    .strictObject({ type: z.enum(['github', 'github-limited', 'gitlab', 'bitbucket', 'vercel']), repo: z.string() })
    .optional(),
  previewDeploymentSuffix: z.string().nullable().optional(),
});

/** Body of PATCH /v9/projects/{idOrName}. `gitRepository` and `environmentVariables` are not among its properties. */
export const updateBody = z.strictObject({
  ...shared,
  name: z.string().max(100).optional(),
  autoExposeSystemEnvs: z.boolean().optional(),
  autoAssignCustomDomains: z.boolean().optional(),
  customerSupportCodeVisibility: z.boolean().optional(),
  directoryListing: z.boolean().optional(),
  gitForkProtection: z.boolean().optional(),
  gitLFS: z.boolean().optional(),
  nodeVersion: z.enum(['24.x', '22.x', '20.x', '18.x']).optional(),
  skewProtectionMaxAge: z.number().optional(),
  sourceFilesOutsideRootDirectory: z.boolean().optional(),
});

/** Query of the list. */
export const listQuery = z.strictObject({
  from: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(100).optional(),
  search: z.string().max(100).optional(),
  repo: z.string().optional(),
  repoUrl: z.string().optional(),
});

export const noQuery = z.strictObject({});
