import { restOf } from './at-rest.ts';
import { blueprint, STATUS_OUTPUTS } from './blueprint.ts';
import { BlockedError, classify, type ProvisionerError, troubleOf } from './engine/errors.ts';
import { type Emit, type RunResult, resultOf } from './engine/events.ts';
import type { Kinds } from './engine/kind.ts';
import { type Eyes, observe } from './engine/observe.ts';
import { hasChanges, type Plan, plan } from './engine/plan.ts';
import { gate, permitsOf } from './engine/policy.ts';
import type { Lease } from './engine/ports.ts';
import type { Resource } from './engine/resource.ts';
import { type Execution, executeAll } from './engine/schedule.ts';
import type { AgencyReport } from './outcome.ts';
import type { RunPorts } from './ports.ts';
import { type Progress, progressOf } from './record/progress.ts';
import type { Agency, Chosen } from './selection.ts';

/** How to serve an agency: which hands there are, and whether they may act. */
export interface Service {
  readonly kinds: Kinds;
  readonly ports: RunPorts;
  /** Held by a run that acts; absent in one that only looks. */
  readonly lease: Lease | undefined;
}

/** One agency from look to record. Never rejects, so that one bad agency never blocks the others. */
export async function serve({ agency, why, agreed }: Chosen, service: Service): Promise<AgencyReport> {
  const { slug } = agency;
  const report = await planAndApply(agency, agreed, service).then(
    (end): AgencyReport => ({ slug, why, ...end }),
    (thrown): AgencyReport => failedReport(slug, why, classify(thrown)),
  );
  tell(report, service.ports.emit);
  return report;
}

/** An agency that could not be served, and why. */
export function failedReport(slug: string, why: string, error: ProvisionerError): AgencyReport {
  return { slug, why, result: resultOf(error.class), error };
}

type End = Omit<AgencyReport, 'slug' | 'why' | 'error'>;

async function planAndApply(agency: Agency, agreed: Chosen['agreed'], { kinds, ports, lease }: Service): Promise<End> {
  const { slug, target, digest } = agency;
  const { clock, signal, emit } = ports;
  const keyring = ports.keyring();
  const progress = progressOf({
    file: agency.file,
    before: agency.status,
    targetDigest: digest,
    revision: ports.revision(),
    outputs: STATUS_OUTPUTS,
    recorder: ports.recorder,
    clock,
    rest: (recorded, outputs, now) => restOf(target, recorded, outputs, now),
  });
  const { recorded } = progress;
  const eyes: Eyes = { agency: { slug, uid: target.uid }, kinds, recorded, keyring, clock, signal };
  try {
    const resources = blueprint({ target, recorded, keyring, secret: ports.secret, now: clock.now() });
    const planned = plan(digest, resources, await observe(resources, eyes), eyes);
    emit({ type: 'plan', agency: slug, changes: planned.changes });
    if (!lease) return { result: resultOfPlan(planned), plan: planned };
    assertAgreed(planned, agreed);
    return { plan: planned, ...(await apply(planned, resources, progress, eyes, lease, emit)) };
  } catch (thrown) {
    if (lease) await progress.stopped(classify(thrown));
    throw thrown;
  }
}

/** Who applies an agency by its name has seen its plan; a run over all that is due agrees to nothing dangerous. */
function assertAgreed(planned: Plan, agreed: Chosen['agreed']): void {
  const passage = gate(planned, agreed === 'shown' ? permitsOf(planned) : agreed);
  if (!passage.open) throw new BlockedError(passage.because, passage.remedy);
}

async function apply(
  planned: Plan,
  resources: readonly Resource[],
  progress: Progress,
  eyes: Eyes,
  { assertHeld: assertLease }: Lease,
  emit: Emit,
): Promise<Pick<AgencyReport, 'result' | 'execution' | 'url' | 'status'>> {
  const { checkpoint, afterKill } = progress;
  const permits = permitsOf(planned);
  const execution = await executeAll(resources, { ...eyes, permits, checkpoint, afterKill, assertLease, emit });
  const status = await progress.finish(execution);
  const url = status.outputs.instanceUrl;
  return { result: resultOfExecution(execution), execution, status, ...(url !== undefined && { url }) };
}

const SEVERITY = ['unchanged', 'done', 'changes', 'waiting', 'blocked', 'failed'] as const;

/** The result that a person must hear of first. */
export function worst(results: readonly AgencyReport['result'][]): RunResult {
  const rank = Math.max(0, ...results.map((result) => SEVERITY.indexOf(result)));
  const result = SEVERITY[rank] ?? 'failed';
  return result === 'unchanged' ? 'done' : result;
}

function resultOfPlan(planned: Plan): AgencyReport['result'] {
  const blocked = planned.changes.filter(({ action }) => action === 'blocked');
  if (blocked.length > 0) return worst(blocked.map(({ error }) => resultOf(error?.class ?? 'blocked')));
  return hasChanges(planned) ? 'changes' : 'unchanged';
}

function resultOfExecution({ outcomes }: Execution): AgencyReport['result'] {
  const errors = outcomes.flatMap(({ error }) => error ?? []);
  if (errors.length > 0) return worst(errors.map((error) => resultOf(error.class)));
  return outcomes.every(({ result }) => result === 'unchanged') ? 'unchanged' : 'done';
}

/** Says how an agency ended, as an event. */
export function tell({ slug, result, url, execution, error, why }: AgencyReport, emit: Emit): void {
  const first = error ?? execution?.outcomes.find((outcome) => outcome.error)?.error;
  emit({
    type: 'agency',
    agency: slug,
    result,
    message: first?.message ?? why,
    ...(url !== undefined && { url }),
    ...(first && { error: troubleOf(first) }),
  });
}
