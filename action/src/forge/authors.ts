import * as z from 'zod';

/** Who wrote something; absent for an account that is gone. */
export const user = z.object({ login: z.string(), type: z.string().catch('User') }).nullish();

/**
 * Whether a workflow's token or an App wrote it. A person can write anything, our markers too; a bot can only where
 * somebody who administrates the repository let it in.
 */
export function byBot({ user: author }: { readonly user?: z.output<typeof user> }): boolean {
  return author?.type === 'Bot';
}
