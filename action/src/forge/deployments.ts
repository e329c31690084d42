import * as z from 'zod';
import { isAmbiguous } from '../engine/errors.ts';
import { apiOf } from './api.ts';
import type { DeploymentReport, Deployments } from './forge.ts';
import type { Repository } from './github.ts';

const deployment = z.object({ id: z.number(), environment: z.string(), payload: z.unknown() });
const statuses = z.array(z.object({ state: z.string() }));
const LONGEST = 140;

/**
 * https://docs.github.com/en/rest/deployments. A run has one record for each environment, told by its page: a rerun goes
 * on with that of the first attempt.
 */
export function deployments(repository: Repository): Deployments {
  const api = apiOf(repository, 'deployments');
  const known = new Map<string, Promise<number>>();

  const find = async ({ environment, logUrl }: DeploymentReport) => {
    const operation = `read the deployments to ${environment}`;
    const found = await api.read({
      operation,
      path: '/deployments',
      query: { environment, task: 'provision', per_page: 30 },
      schema: z.array(deployment),
    });
    return found.find(({ payload }) => runOf(payload) === logUrl)?.id;
  };
  const create = async (report: DeploymentReport): Promise<number> => {
    const there = report.logUrl === undefined ? undefined : await find(report);
    if (there !== undefined) return there;
    const { ref, environment, description, logUrl } = report;
    const body = {
      ref,
      environment,
      task: 'provision',
      description: description.slice(0, LONGEST),
      // GitHub would merge the default branch into the ref, and wait for the check that this run is.
      auto_merge: false,
      required_contexts: [],
      payload: { run: logUrl },
      production_environment: true,
    };
    try {
      return (await api.make({ operation: `deploy to ${environment}`, path: '/deployments', body, schema: deployment }))
        .id;
    } catch (thrown) {
      const made = isAmbiguous(thrown) ? await find(report) : undefined;
      if (made === undefined) throw thrown;
      return made;
    }
  };

  /** The newest comes first. */
  const stateOf = async (id: number) => {
    const path = `/deployments/${id}/statuses`;
    const query = { per_page: 1 };
    return (await api.read({ operation: 'read the state of a deployment', path, query, schema: statuses }))[0]?.state;
  };

  return {
    report: async (report) => {
      const { environment, state, url, description, logUrl } = report;
      const id = known.get(environment) ?? create(report);
      known.set(environment, id);
      id.catch(() => known.delete(environment));
      await api.write({
        operation: `tell of the deployment to ${environment}`,
        path: `/deployments/${await id}/statuses`,
        body: {
          state,
          description: description.slice(0, LONGEST),
          ...(url !== undefined && { environment_url: url }),
          ...(logUrl !== undefined && { log_url: logUrl }),
        },
        // Said twice it is one line more in a list, and as true.
        repeatable: true,
        schema: z.unknown(),
      });
    },
    underWay: async ({ sha, logUrl }) => {
      const query = { sha, task: 'provision' };
      const all = await api.all({ operation: 'read the deployments', path: '/deployments', query, schema: deployment });
      const left: string[] = [];
      for (const { id, environment, payload } of all) {
        if (runOf(payload) !== logUrl) continue;
        // The attempt may have died before it said anything of what it had made.
        const state = (await stateOf(id)) ?? 'in_progress';
        if (state === 'in_progress') left.push(environment);
      }
      return left;
    },
  };
}

/** GitHub gives a payload back as it came, or as text. */
function runOf(payload: unknown): string | undefined {
  const read = z.object({ run: z.string() });
  if (typeof payload !== 'string') return read.safeParse(payload).data?.run;
  try {
    return read.safeParse(JSON.parse(payload)).data?.run;
  } catch {
    return undefined;
  }
}
