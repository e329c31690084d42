import * as z from 'zod';
import type { Cloud } from '../../local-cloud/cloud.ts';

const requests = z.array(z.object({ method: z.string(), path: z.string(), status: z.number() }));
export type Logged = z.infer<typeof requests>[number];

/** Every request that reached the vendors so far. */
export async function trafficOf(cloud: Cloud): Promise<Logged[]> {
  const answer = await cloud.fetch(new Request(`${cloud.origin}/_cloud/requests`));
  return requests.parse(await answer.json());
}

/** Whether a call changes something: SQL is asked by POST as well, below a path of its own. */
export function isWrite({ method, path }: Logged): boolean {
  return method !== 'GET' && !path.endsWith('/database/query/read-only');
}
