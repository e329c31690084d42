import { destroys } from './at-rest.ts';
import { whyDue } from './engine/due.ts';
import { BlockedError, classify, ManifestError, type ProvisionerError, troubleOf } from './engine/errors.ts';
import { type Emit, resultOf } from './engine/events.ts';
import { applyByName, permitsDelete } from './engine/policy.ts';
import type { Lease } from './engine/ports.ts';
import { mapPooled } from './lib/pool.ts';
import { type ControlRoom, loadControlRoom } from './manifest/load.ts';
import type { Fleet } from './manifest/schema.ts';
import type { AgencyReport, RunReport } from './outcome.ts';
import type { Followed, RunPorts, RunRequest } from './ports.ts';
import { count } from './report/text.ts';
import { type Agency, agenciesOf, appOf, assertKnown, type Chosen, choose, standingOf } from './selection.ts';
import { failedReport, serve, tell, worst } from './serve.ts';

/** Everything that a run does, in order. Never rejects: what went wrong is in the report, and the last event says it. */
export async function run(request: RunRequest, ports: RunPorts): Promise<RunReport> {
  const report = await attempt(request, ports).catch((thrown) => stopped(classify(thrown)));
  return ended(report, ports);
}

/** A run that could not even begin, for want of its surroundings; whoever follows is told all the same. */
export async function notBegun(error: ProvisionerError, ports: Pick<RunPorts, 'followers' | 'emit'>) {
  return ended(stopped(error), ports);
}

async function ended(report: RunReport, { followers = [], emit }: Pick<RunPorts, 'followers' | 'emit'>) {
  for (const follower of followers) await follower.end(report).catch(saying(emit));
  emit({ type: 'run', ...summaryOf(report) });
  return report;
}

/** Who looks on must not stop a run; a follower that cannot speak for itself is spoken for. */
function saying(emit: Emit): (thrown: unknown) => void {
  return (thrown) => emit({ type: 'notice', message: `somebody was not told of the run: ${classify(thrown).message}` });
}

function stopped(error: ProvisionerError, agencies: readonly AgencyReport[] = []): RunReport {
  return { result: resultOf(error.class), agencies, error };
}

async function attempt(request: RunRequest, ports: RunPorts): Promise<RunReport> {
  if (request.mode !== 'apply') return reconcile(request, ports, undefined);
  const lease = await ports.lease();
  try {
    return await recorded(await reconcile(request, ports, lease), ports);
  } finally {
    await giveBack(lease, ports.emit);
  }
}

/** What is not recorded was not done: a run whose record was refused is red, whatever became of its agencies. */
async function recorded(report: RunReport, { recorder }: RunPorts): Promise<RunReport> {
  try {
    await recorder.flush();
    return report;
  } catch (thrown) {
    return stopped(classify(thrown), report.agencies);
  }
}

/** A lease that could not be given back ends by itself; what the run did is done all the same. */
async function giveBack(lease: Lease, emit: Emit): Promise<void> {
  try {
    await lease.release();
  } catch (thrown) {
    emit({ type: 'notice', message: `the lease was not given back and ends by itself: ${classify(thrown).message}` });
  }
}

async function reconcile(request: RunRequest, ports: RunPorts, lease: Lease | undefined): Promise<RunReport> {
  const room = loadControlRoom(await ports.load());
  tellProblems(room, request, ports.emit);
  if (request.mode === 'validate') return validated(room);
  const { fleet } = room;
  if (!fleet) throw roomless(room);
  assertKnown(request.agencies, room);

  const lookups = await ports.revisions(new Set(room.agencies.map(({ manifest }) => appOf(fleet, manifest))));
  const { agencies, unserved } = agenciesOf(room, fleet, lookups);
  const kinds = await ports.kinds(fleet);
  const reviewed = await ports.reviewed?.();
  const chosen = await choose(agencies, { ...request, ...(reviewed && { reviewed }) }, kinds, ports.signal);
  if (request.settled) tellPassedOver(agencies, request, ports.emit);
  if (lease) assertFewCreates(chosen, fleet);
  const followed = chosen.map(({ agency }) => followedOf(agency));
  for (const follower of ports.followers ?? []) await follower.begin(followed).catch(saying(ports.emit));

  const held = lease ? destroyedLater(chosen) : [];
  const served = chosen.filter(({ agency: { slug } }) => !held.some((later) => later.slug === slug));
  const reports = await mapPooled(served, fleet.spec.concurrency, (one) => serve(one, { kinds, ports, lease }));
  const lost = [
    ...unserved
      .filter(({ slug }) => isAsked(request, slug))
      .map(({ slug, error }) => failedReport(slug, 'its app could not be found', error)),
    ...held,
  ];
  for (const report of lost) tell(report, ports.emit);
  const all = [...reports, ...lost, ...brokenAgencies(room, request)];
  return { result: worst(all.map(({ result }) => result)), agencies: all };
}

function validated({ agencies, problems }: ControlRoom): RunReport {
  return { result: problems.length > 0 ? 'failed' : 'done', agencies: [], validated: agencies.length };
}

/**
 * A problem of a manifest is its agency's; one of fleet.yaml or of a migration is everybody's. Those of the agencies that
 * somebody named come first: the first one is what the run says at its end.
 */
function tellProblems({ agencies, problems }: ControlRoom, request: RunRequest, emit: Emit): void {
  const slugs = new Map(agencies.map(({ file, slug }) => [file, slug]));
  const isNamed = ({ file }: { readonly file: string }) => request.agencies.includes(slugs.get(file) ?? '');
  const sorted = [...problems.filter(isNamed), ...problems.filter((problem) => !isNamed(problem))];
  for (const { path: _, ...problem } of sorted) {
    const agency = slugs.get(problem.file);
    emit({ type: 'problem', ...(agency !== undefined && { agency }), ...problem });
  }
}

/** Somebody who names an agency wants to know of it: not that nothing was found where nothing was looked at. */
function tellPassedOver(agencies: readonly Agency[], request: RunRequest, emit: Emit): void {
  for (const agency of agencies.filter(({ slug }) => request.agencies.includes(slug))) {
    const due = whyDue(standingOf(agency));
    const message = `it was not looked at: it is due, because ${due}, and only what is as its manifest says can drift`;
    if (due !== undefined) emit({ type: 'notice', agency: agency.slug, message });
  }
}

/** What is wrong with all that agencies have in common stops them all, and is said as one thing. */
function roomless({ agencies, problems }: ControlRoom): ManifestError {
  const ofAgencies = new Set(agencies.map(({ file }) => file));
  const [first, ...others] = problems.filter(({ file }) => !ofAgencies.has(file));
  const place = first ? `${first.file}:${first.line}:${first.column} ${first.message}` : 'fleet.yaml has problems';
  return new ManifestError(
    `${place}${others.length > 0 ? ` (and ${count(others.length, 'more problem')})` : ''}; nothing is done for anybody`,
    `Mend it: ${first?.remedy ?? 'the run lists its problems'}.`,
  );
}

function isAsked({ agencies }: RunRequest, slug: string): boolean {
  return agencies.length === 0 || agencies.includes(slug);
}

/** A merge that would create a crowd is more likely a slip than a wish. */
function assertFewCreates(chosen: readonly Chosen[], { spec }: Fleet): void {
  const news = chosen.filter(({ agency: { status, target } }) => {
    return target.lifecycle === 'active' && status?.resources['supabase.project']?.id === undefined;
  });
  const limit = spec.policy.maxCreatesPerRun;
  if (news.length <= limit) return;
  throw new BlockedError(
    `this run would create ${news.length} agencies, and fleet.yaml allows ${limit} in one run`,
    'Raise spec.policy.maxCreatesPerRun in fleet.yaml if they are all meant, or name some of them.',
  );
}

/**
 * Whoever destroys looks at what they destroy: of those that people agreed to, the first by name goes, and each other
 * one waits for a run of its own.
 */
function destroyedLater(chosen: readonly Chosen[]): AgencyReport[] {
  const [first, ...others] = chosen
    .filter(({ agreed }) => agreed === 'shown' || permitsDelete(agreed))
    .filter(({ agency: { target, status } }) => destroys(target, new Map(Object.entries(status?.resources ?? {}))))
    .toSorted((a, b) => (a.agency.slug < b.agency.slug ? -1 : 1));
  return others.map(({ agency: { slug }, why }) => {
    const error = new BlockedError(
      `${slug} is not destroyed by the run that destroys ${first?.agency.slug}: one run destroys one agency`,
      `When that one is done, ${applyByName(slug)}.`,
    );
    return failedReport(slug, why, error);
  });
}

function followedOf({ slug, file, target, status }: Agency): Followed {
  const { uid, requestId, lifecycle } = target;
  return { slug, uid, file, requestId, lifecycle, before: status };
}

/** Their problems were told one by one, with file and line. */
function brokenAgencies(room: ControlRoom, request: RunRequest): AgencyReport[] {
  return room.agencies
    .filter(({ slug, problems }) => problems.length > 0 && isAsked(request, slug))
    .map(({ slug }) => ({ slug, why: 'its manifest has problems', result: 'failed' }));
}

/** What the last event of a run says of it. */
export function summaryOf({ result, agencies, validated, error }: RunReport) {
  const changed = agencies.filter((agency) => agency.result === 'done' || agency.result === 'changes').length;
  const done = validated === undefined ? `${agencies.length} looked at, ${changed} changed` : `${validated} validated`;
  const message = error?.message ?? done;
  return {
    result,
    message,
    agencies: validated ?? agencies.length,
    changed,
    ...(error && { error: troubleOf(error) }),
  };
}
