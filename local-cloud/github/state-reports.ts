/* What checks, statuses and deployments say of commits, as it is saved. */
import { z } from 'zod';

export const annotationLevels = ['notice', 'warning', 'failure'] as const;
export const checkStatuses = ['queued', 'in_progress', 'completed', 'waiting', 'requested', 'pending'] as const;
/** `stale` is GitHub's own to give. */
export const conclusions = [
  'action_required',
  'cancelled',
  'failure',
  'neutral',
  'success',
  'skipped',
  'timed_out',
] as const;

export const annotation = z.object({
  path: z.string(),
  start_line: z.number(),
  end_line: z.number(),
  start_column: z.number().nullable(),
  end_column: z.number().nullable(),
  annotation_level: z.enum(annotationLevels),
  title: z.string().nullable(),
  message: z.string(),
  raw_details: z.string().nullable(),
});

export const checkRun = z.object({
  id: z.number(),
  name: z.string(),
  headSha: z.string(),
  app: z.string(),
  externalId: z.string(),
  detailsUrl: z.string().nullable(),
  status: z.enum(checkStatuses),
  conclusion: z.enum(conclusions).nullable(),
  startedAt: z.string().nullable(),
  completedAt: z.string().nullable(),
  title: z.string().nullable(),
  summary: z.string().nullable(),
  text: z.string().nullable(),
  annotations: z.array(annotation),
});

export const statusStates = ['error', 'failure', 'pending', 'success'] as const;

export const commitStatus = z.object({
  id: z.number(),
  sha: z.string(),
  state: z.enum(statusStates),
  context: z.string(),
  description: z.string().nullable(),
  targetUrl: z.string().nullable(),
  creator: z.string(),
  createdAt: z.string(),
});

export const deploymentStates = [
  'error',
  'failure',
  'inactive',
  'in_progress',
  'queued',
  'pending',
  'success',
] as const;

export const deploymentStatus = z.object({
  id: z.number(),
  state: z.enum(deploymentStates),
  description: z.string(),
  environment: z.string(),
  environmentUrl: z.string(),
  logUrl: z.string(),
  creator: z.string(),
  createdAt: z.string(),
});

export const deployment = z.object({
  id: z.number(),
  sha: z.string(),
  ref: z.string(),
  task: z.string(),
  payload: z.unknown(),
  environment: z.string(),
  description: z.string().nullable(),
  creator: z.string(),
  transient: z.boolean(),
  production: z.boolean(),
  createdAt: z.string(),
  updatedAt: z.string(),
  /** Oldest first. */
  statuses: z.array(deploymentStatus),
});
