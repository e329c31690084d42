import { z } from 'zod';

const sha = z.string().optional();
const gitSource = z.union([
  z.strictObject({ type: z.literal('github'), repoId: z.union([z.number(), z.string()]), ref: z.string(), sha }),
  z.strictObject({ type: z.literal('github'), org: z.string(), repo: z.string(), ref: z.string(), sha }),
]);

const line = z.string().max(256).nullable().optional();
const projectSettings = z.strictObject({
  framework: z.string().nullable().optional(),
  buildCommand: line,
  commandForIgnoringBuildStep: line,
  devCommand: line,
  installCommand: line,
  outputDirectory: line,
  rootDirectory: line,
  nodeVersion: z.enum(['24.x', '22.x', '20.x', '18.x']).optional(),
  sourceFilesOutsideRootDirectory: z.boolean().optional(),
});

const meta = z.record(z.string(), z.string().max(65_536)).refine((given) => Object.keys(given).length <= 100, {
  message: 'should NOT have more than 100 properties.',
});

export type GitSourceWish = z.infer<typeof gitSource>;

/** Body of POST /v13/deployments. Uploaded files and custom environments are not emulated. */
export const createBody = z.strictObject({
  name: z.string().max(100),
  project: z.string().optional(),
  target: z.enum(['production', 'staging']).optional(),
  gitSource: gitSource.optional(),
  deploymentId: z.string().optional(),
  meta: meta.optional(),
  projectSettings: projectSettings.optional(),
});

export const createQuery = z.strictObject({
  forceNew: z.enum(['0', '1']).optional(),
  skipAutoDetectionConfirmation: z.enum(['0', '1']).optional(),
});

const time = z.coerce.number().optional();

export const listQuery = z.strictObject({
  app: z.string().optional(),
  from: time,
  to: time,
  since: time,
  until: time,
  limit: z.coerce.number().int().min(1).max(100).optional(),
  projectId: z.string().optional(),
  target: z.string().optional(),
  state: z.string().optional(),
  sha: z.string().optional(),
  branch: z.string().optional(),
});

export const eventsQuery = z.strictObject({
  direction: z.enum(['forward', 'backward']).optional(),
  follow: z.enum(['0', '1']).optional(),
  limit: z.coerce.number().int().min(-1).optional(),
  since: time,
  until: time,
  builds: z.enum(['0', '1']).optional(),
  delimiter: z.enum(['0', '1']).optional(),
});

export const viewQuery = z.strictObject({ withGitRepoInfo: z.string().optional() });
