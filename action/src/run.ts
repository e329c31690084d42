import { blueprint, STATUS_OUTPUTS } from './blueprint.ts';
import { BlockedError, classify, type ProvisionerError } from './engine/errors.ts';
import type { Emit, RunResult } from './engine/events.ts';
import type { Kinds } from './engine/kind.ts';
import { type Eyes, observe } from './engine/observe.ts';
import { hasChanges, type Plan, plan } from './engine/plan.ts';
import { gate, permitsOf } from './engine/policy.ts';
import type { Lease } from './engine/ports.ts';
import type { Resource } from './engine/resource.ts';
import { type Execution, executeAll } from './engine/schedule.ts';
import type { Lookups } from './forge/revisions.ts';
import type { Clock } from './lib/clock.ts';
import type { Keyring } from './lib/keyring.ts';
import { mapPooled } from './lib/pool.ts';
import type { Secret } from './lib/secret.ts';
import { type ControlRoom, loadControlRoom, type RoomInput } from './manifest/load.ts';
import type { Fleet } from './manifest/schema.ts';
import { type Progress, progressOf } from './record/progress.ts';
import type { Recorder } from './record/tree.ts';
import { type Agency, agenciesOf, appOf, assertKnown, type Chosen, choose, type Unserved } from './selection.ts';

export interface RunRequest {
  readonly mode: 'validate' | 'plan' | 'apply';
  /** The agencies that a person named; empty for all that are due. */
  readonly agencies: readonly string[];
}

/** The outside, handed in. Each is asked for only when its stage is reached. */
export interface RunPorts {
  /** The control room as it is now, read anew under the lease. */
  load(): Promise<RoomInput>;
  lease(): Promise<Lease>;
  kinds(fleet: Fleet): Promise<Kinds>;
  keyring(): Keyring;
  /** The action's secret of that name, when this run has it. */
  secret(name: string): Secret | undefined;
  /** Commits of `owner/name@ref`, or why there is none. */
  revisions(refs: ReadonlySet<string>): Promise<Lookups>;
  readonly recorder: Recorder;
  /** The control room's commit, where it is known. */
  readonly revision: string | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly emit: Emit;
}

export interface AgencyReport {
  readonly slug: string;
  readonly why: string;
  readonly result: RunResult | 'unchanged';
  readonly plan?: Plan;
  readonly execution?: Execution;
  readonly url?: string;
  readonly error?: ProvisionerError;
}

export interface RunReport {
  readonly result: RunResult;
  readonly agencies: readonly AgencyReport[];
  /** What stopped the whole run. */
  readonly error?: ProvisionerError;
}

/** Everything that a run does, in order. Never rejects: what went wrong is in the report, and the last event says it. */
export async function run(request: RunRequest, ports: RunPorts): Promise<RunReport> {
  const report = await attempt(request, ports).catch(
    (thrown): RunReport => ({ result: resultOfError(classify(thrown)), agencies: [], error: classify(thrown) }),
  );
  ports.emit({ type: 'run', ...summaryOf(report) });
  return report;
}

async function attempt(request: RunRequest, ports: RunPorts): Promise<RunReport> {
  if (request.mode !== 'apply') return reconcile(request, ports, undefined);
  const lease = await ports.lease();
  try {
    return await reconcile(request, ports, lease);
  } finally {
    await lease.release();
  }
}

async function reconcile(request: RunRequest, ports: RunPorts, lease: Lease | undefined): Promise<RunReport> {
  const room = loadControlRoom(await ports.load());
  tellProblems(room, ports.emit);
  if (!room.fleet || request.mode === 'validate')
    return { result: room.problems.length > 0 ? 'failed' : 'done', agencies: [] };
  assertKnown(request.agencies, room);

  const { fleet } = room;
  const lookups = await ports.revisions(new Set(room.agencies.map(({ manifest }) => appOf(fleet, manifest))));
  const { agencies, unserved } = agenciesOf(room, fleet, lookups);
  const kinds = await ports.kinds(fleet);
  const chosen = await choose(agencies, request.agencies, kinds, ports.signal);
  if (lease) assertFewCreates(chosen, fleet);

  const reports = await mapPooled(chosen, fleet.spec.concurrency, (one) => serve(one, kinds, ports, lease));
  const others = [...brokenAgencies(room), ...unserved.map(unservedReport)].filter(wanted(request));
  for (const report of others) if (report.error) tell(report, ports.emit);
  const all = [...reports, ...others];
  return { result: worst(all.map(({ result }) => result)), agencies: all };
}

function wanted({ agencies }: RunRequest): (report: AgencyReport) => boolean {
  return ({ slug }) => agencies.length === 0 || agencies.includes(slug);
}

/** One agency from look to record. Never rejects, so that one bad agency never blocks the others. */
async function serve(
  { agency, why }: Chosen,
  kinds: Kinds,
  ports: RunPorts,
  lease: Lease | undefined,
): Promise<AgencyReport> {
  const { slug } = agency;
  try {
    const report = { slug, why, ...(await planAndApply(agency, kinds, ports, lease)) };
    tell(report, ports.emit);
    return report;
  } catch (thrown) {
    const error = classify(thrown);
    const report = { slug, why, result: resultOfError(error), error };
    tell(report, ports.emit);
    return report;
  }
}

async function planAndApply(agency: Agency, kinds: Kinds, ports: RunPorts, lease: Lease | undefined) {
  const { slug, target, digest } = agency;
  const { clock, signal, emit } = ports;
  const keyring = ports.keyring();
  const progress = progressOf({
    file: agency.file,
    before: agency.status,
    targetDigest: digest,
    revision: ports.revision,
    outputs: STATUS_OUTPUTS,
    recorder: ports.recorder,
    clock,
  });
  const { recorded } = progress;
  const eyes: Eyes = { agency: { slug, uid: target.uid }, kinds, recorded, keyring, clock, signal };
  try {
    const resources = blueprint({ target, recorded, keyring, secret: ports.secret });
    const planned = plan(digest, resources, await observe(resources, eyes), eyes);
    emit({ type: 'plan', agency: slug, changes: planned.changes });
    if (!lease) return { result: resultOfPlan(planned), plan: planned };
    return { plan: planned, ...(await apply(planned, resources, progress, eyes, lease, emit)) };
  } catch (thrown) {
    if (lease) await progress.stopped(classify(thrown));
    throw thrown;
  }
}

async function apply(
  planned: Plan,
  resources: readonly Resource[],
  progress: Progress,
  eyes: Eyes,
  lease: Lease,
  emit: Emit,
): Promise<Pick<AgencyReport, 'result' | 'execution' | 'url'>> {
  const allowed = gate(planned, permitsOf(planned));
  if (!allowed.open) throw new BlockedError(allowed.because, allowed.remedy);
  const { checkpoint } = progress;
  const { assertHeld: assertLease } = lease;
  const execution = await executeAll(resources, { ...eyes, permits: allowed.permits, checkpoint, assertLease, emit });
  const status = await progress.finish(execution);
  const url = status.outputs.instanceUrl;
  return { result: resultOfExecution(execution), execution, ...(url !== undefined && { url }) };
}

/** A problem of a manifest is its agency's; one of fleet.yaml or of a migration is everybody's. */
function tellProblems({ agencies, problems }: ControlRoom, emit: Emit): void {
  const slugs = new Map(agencies.map(({ file, slug }) => [file, slug]));
  for (const { path: _, ...problem } of problems) {
    const agency = slugs.get(problem.file);
    emit({ type: 'problem', ...(agency !== undefined && { agency }), ...problem });
  }
}

/** A merge that would create a crowd is more likely a slip than a wish. */
function assertFewCreates(chosen: readonly Chosen[], { spec }: Fleet): void {
  const news = chosen.filter(({ agency }) => agency.status?.resources['supabase.project']?.id === undefined);
  const limit = spec.policy.maxCreatesPerRun;
  if (news.length <= limit) return;
  throw new BlockedError(
    `this run would create ${news.length} agencies, and fleet.yaml allows ${limit} in one run`,
    'Raise spec.policy.maxCreatesPerRun in fleet.yaml if they are all meant, or name some of them.',
  );
}

/** Their problems were told one by one, with file and line. */
function brokenAgencies(room: ControlRoom): AgencyReport[] {
  return room.agencies
    .filter(({ problems }) => problems.length > 0)
    .map(({ slug }) => ({ slug, why: 'its manifest has problems', result: 'failed' }));
}

function unservedReport({ slug, error }: Unserved): AgencyReport {
  return { slug, why: 'its app could not be found', result: resultOfError(error), error };
}

const SEVERITY = ['unchanged', 'done', 'changes', 'waiting', 'blocked', 'failed'] as const;

function worst(results: readonly AgencyReport['result'][]): RunResult {
  const rank = Math.max(0, ...results.map((result) => SEVERITY.indexOf(result)));
  const result = SEVERITY[rank] ?? 'failed';
  return result === 'unchanged' ? 'done' : result;
}

function resultOfPlan(planned: Plan): AgencyReport['result'] {
  if (planned.changes.some(({ action }) => action === 'blocked')) return 'blocked';
  return hasChanges(planned) ? 'changes' : 'unchanged';
}

function resultOfExecution({ outcomes }: Execution): AgencyReport['result'] {
  const errors = outcomes.flatMap(({ error }) => error ?? []);
  if (errors.length > 0) return worst(errors.map(resultOfError));
  return outcomes.every(({ result }) => result === 'unchanged') ? 'unchanged' : 'done';
}

function resultOfError(error: ProvisionerError): RunResult {
  return error.class === 'blocked' || error.class === 'waiting' ? error.class : 'failed';
}

function tell({ slug, result, url, execution, error, why }: AgencyReport, emit: Emit): void {
  const first = error ?? execution?.outcomes.find((outcome) => outcome.error)?.error;
  emit({
    type: 'agency',
    agency: slug,
    result,
    message: first?.message ?? why,
    ...(url !== undefined && { url }),
    ...(first && { error: { class: first.class, message: first.message, remedy: first.remedy } }),
  });
}

function summaryOf({ result, agencies, error }: RunReport) {
  const changed = agencies.filter((agency) => agency.result === 'done' || agency.result === 'changes').length;
  const message = error?.message ?? `${agencies.length} looked at, ${changed} changed`;
  const trouble = error && { error: { class: error.class, message: error.message, remedy: error.remedy } };
  return { result, message, agencies: agencies.length, changed, ...trouble };
}
