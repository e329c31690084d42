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
  /** The agencies of the control room as they are recorded, where an earlier attempt of the run may have died. */
  readonly earlier?: () => readonly Standing[];
}

/** How an agency stands by the record. */
export interface Standing {
  readonly slug: string;
  readonly isWell: boolean;
  readonly url?: string | undefined;
}

/** Keeps a deployment record for each agency that a run does something for, with the address of its instance. */
export function deploymentRecords(options: DeploymentRecordsOptions): Follower {
  const begun = new Map<string, Promise<void>>();
  let isFleet = false;
  const tell: Tell = async (report) => {
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
      await finishOthers(options, report, new Set(begun.keys()), tell);
      if (isFleet) {
        if (begun.has(FLEET)) await tell(fleetRecord(report));
        return;
      }
      const served = report.agencies.filter(({ slug }) => begun.has(environmentOf(slug)));
      await Promise.all(served.map((one) => tell({ environment: environmentOf(one.slug), ...recordOf(one) })));
    },
  };
}

type Tell = (report: Pick<DeploymentReport, 'environment' | 'state' | 'description' | 'url'>) => Promise<void>;

/** An attempt that died after its last act left records under way; the rerun finds nothing to do there and ends them. */
async function finishOthers(
  { deployments, emit, ref: sha, runUrl: logUrl, earlier }: DeploymentRecordsOptions,
  { agencies }: RunReport,
  begun: ReadonlySet<string>,
  tell: Tell,
): Promise<void> {
  const all = earlier?.() ?? [];
  // One that did not get to read the control room knows no better than the attempt that died.
  if (all.length === 0) return;
  const left = await deployments.underWay({ sha, logUrl }).catch((thrown: unknown) => {
    emit({ type: 'notice', message: `the deployment records were not looked at: ${classify(thrown).message}` });
    return [];
  });
  const standings = new Map<string, Standing>(all.map((one) => [`agency/${one.slug}`, one]));
  standings.set(FLEET, { slug: FLEET, isWell: all.every(({ isWell }) => isWell) });
  for (const environment of left.filter((one) => !begun.has(one))) {
    const reported = agencies.find(({ slug }) => environment === `agency/${slug}`);
    const standing = standings.get(environment);
    if (reported) await tell({ environment, ...recordOf(reported) });
    else if (standing?.isWell) await tell({ environment, ...WELL, ...(standing.url && { url: standing.url }) });
    else await tell({ environment, state: 'failure', description: 'its run ended before this was done' });
  }
}

const WELL = { state: 'success', description: 'is as it is wished' } as const;

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
