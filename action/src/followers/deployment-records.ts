import { classify } from '../engine/errors.ts';
import type { Emit } from '../engine/events.ts';
import type { DeploymentReport, Deployments } from '../forge/forge.ts';
import type { AgencyReport, RunReport } from '../outcome.ts';
import type { Follower } from '../ports.ts';

/** Beyond this many agencies a run has one record for all of them: GitHub lists no more in a useful way. */
const MOST = 20;
export const FLEET = 'fleet';

export interface DeploymentRecordsOptions {
  readonly deployments: Deployments;
  readonly emit: Emit;
  /** The commit or branch that is applied. */
  readonly ref: string;
  readonly runUrl: string;
}

/** Keeps a deployment record for each agency that a run does something for, with the address of its instance. */
export function deploymentRecords(options: DeploymentRecordsOptions): Follower {
  const begun = new Map<string, Promise<void>>();
  let isFleet = false;
  const tell = async (report: Pick<DeploymentReport, 'environment' | 'state' | 'description' | 'url'>) => {
    const { deployments, emit, ref, runUrl } = options;
    await deployments.report({ ...report, ref, logUrl: runUrl }).catch((thrown: unknown) => {
      const message = `the deployment record of ${report.environment} was not kept: ${classify(thrown).message}`;
      emit({ type: 'notice', message });
    });
  };
  const environmentOf = (slug: string) => (isFleet ? FLEET : `agency/${slug}`);
  return {
    begin: async (agencies) => {
      isFleet = agencies.length > MOST;
    },
    event: (event) => {
      if (event.type !== 'started') return;
      const environment = environmentOf(event.agency);
      if (begun.has(environment)) return;
      begun.set(environment, tell({ environment, state: 'in_progress', description: 'is being applied' }));
    },
    end: async (report) => {
      await Promise.all(begun.values());
      if (isFleet) {
        if (begun.has(FLEET)) await tell(fleetRecord(report));
        return;
      }
      const served = report.agencies.filter(({ slug }) => begun.has(environmentOf(slug)));
      await Promise.all(served.map((one) => tell({ environment: environmentOf(one.slug), ...recordOf(one) })));
    },
  };
}

function recordOf({
  result,
  url,
  error,
  execution,
}: AgencyReport): Pick<DeploymentReport, 'state' | 'description' | 'url'> {
  const isWell = result === 'done' || result === 'unchanged';
  const trouble = error ?? execution?.outcomes.find((outcome) => outcome.error)?.error;
  return {
    state: isWell ? 'success' : 'failure',
    description: isWell ? 'is as its manifest says' : `${result}: ${trouble?.message ?? 'see the run'}`,
    ...(isWell && url !== undefined && { url }),
  };
}

function fleetRecord({ agencies }: RunReport): Pick<DeploymentReport, 'environment' | 'state' | 'description'> {
  const well = agencies.filter(({ result }) => result === 'done' || result === 'unchanged').length;
  const state = well === agencies.length ? 'success' : 'failure';
  return {
    environment: FLEET,
    state,
    description: `${well} of ${agencies.length} agencies are as their manifests say`,
  };
}
