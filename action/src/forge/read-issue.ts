import * as z from 'zod';
import type { Repository } from './github.ts';

/** An issue as people wrote it; every text is foreign. */
export interface ReadIssue {
  readonly body: string;
  readonly labels: readonly string[];
}

const label = z.union([z.string(), z.object({ name: z.string().nullish() })]);
const issue = z.object({
  body: z.string().nullish(),
  labels: z.array(label),
  repository_url: z.string(),
  pull_request: z.unknown().optional(),
});

/**
 * Reads an issue; `undefined` when there is none of that number, or it is a pull request. Throws ProviderError.
 * https://docs.github.com/en/rest/issues/issues#get-an-issue
 */
export function issueReader({ name, request }: Repository) {
  return async (number: number): Promise<ReadIssue | undefined> => {
    const read = await request({
      operation: `read issue ${number}`,
      method: 'GET',
      path: `/issues/${number}`,
      scope: 'read',
      permission: 'issues: read',
      // Deleted.
      absentOn: [404, 410],
      schema: issue,
    });
    if (!read || read.pull_request !== undefined) return undefined;
    // One that was moved to another repository is redirected to, and other people give the labels there.
    if (!read.repository_url.toLowerCase().endsWith(`/repos/${name.toLowerCase()}`)) return undefined;
    const labels = read.labels.map((one) => (typeof one === 'string' ? one : (one.name ?? '')));
    return { body: read.body ?? '', labels };
  };
}
