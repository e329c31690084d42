import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, vi } from 'vitest';
import { composeRun } from '../../action/src/compose.ts';
import type { Stamped } from '../../action/src/engine/events.ts';
import { readEnvironment, type Variables } from '../../action/src/environment.ts';
import type { Status } from '../../action/src/manifest/schema.ts';
import { readStatus, spliceStatus } from '../../action/src/manifest/status.ts';
import type { RunReport } from '../../action/src/outcome.ts';
import type { RunPorts, RunRequest } from '../../action/src/ports.ts';
import { ndjson } from '../../action/src/report/ndjson.ts';
import { emitTo } from '../../action/src/report/reporter.ts';
import { terminal } from '../../action/src/report/terminal.ts';
import { run } from '../../action/src/run.ts';
import { type Cloud, type CloudOptions, startCloud } from '../../local-cloud/cloud.ts';
import { openInstance } from '../../local-cloud/instance/instance.ts';
import { resend } from '../../scripts/commands/mail.ts';
import { type Agency, fleetText } from './agency-manifest.ts';
import { manualClock } from './clock.ts';
import { type Intercept, isRead, type Sent, trafficTo } from './traffic.ts';

// An agency is made in 2 s on an idle machine; a busy one takes ten times that, and is not wrong.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 });

/** What the vendors hold: `GET /_cloud/state`. */
export interface VendorState {
  readonly projects: readonly { ref: string; name: string; status: string }[];
  readonly vercelProjects: readonly { id: string; name: string; url: string }[];
  readonly deployments: readonly { id: string; project: string; readyState: string; url: string }[];
  readonly users: readonly { ref: string; id: string; email: string }[];
  readonly mails: readonly { id: string; to: readonly string[]; subject: string; at: string | number }[];
}

/** A run, and everything that came out of it. */
export interface Ran {
  readonly report: RunReport;
  readonly events: readonly Stamped[];
  /** What the terminal shows, plan in full. */
  readonly text: string;
  readonly ndjson: string;
}

export interface RunOptions {
  /** The git revision that the room is judged against. */
  readonly base?: string;
  /** Other values for some variables; `undefined` unsets one. */
  readonly variables?: Variables;
  readonly signal?: AbortSignal;
  /** What else is asked for, as `failed`. */
  readonly request?: Partial<RunRequest>;
  /** In the place of those that a run over the folder has. */
  readonly ports?: Partial<RunPorts>;
  /** The dangerous acts that a merge agreed to, by slug; absent, naming an agency agrees to its plan. */
  readonly reviewed?: Readonly<Record<string, readonly string[]>>;
  /** Told of every event at the moment it is emitted. */
  readonly onEvent?: (event: Stamped) => void;
}

export interface RoomOptions extends Partial<CloudOptions> {
  /** Members of fleet.yaml's spec. */
  readonly fleet?: Readonly<Record<string, unknown>>;
  readonly variables?: Variables;
}

export const MIGRATIONS = join(import.meta.dirname, '..', '..', 'migrations', 'agency');

export type ControlRoom = Awaited<ReturnType<typeof openControlRoom>>;

/**
 * A control room in a folder with the real migrations, and the local cloud behind it in this process. One for a test
 * file; it is closed after the last test. Waiting takes no time: the product's clock is moved by hand.
 */
export async function openControlRoom({ fleet = {}, variables: own = {}, ...options }: RoomOptions = {}) {
  const base = await mkdtemp(join(tmpdir(), 'scenario-'));
  const dir = join(base, 'room');
  const cloud = await startCloud({
    dir: join(base, 'cloud'),
    // Read as an address only: credentials may go over http:// to this machine alone.
    port: 0,
    profile: 'none',
    seed: 'scenario',
    rateLimits: false,
    durable: false,
    openInstance: (told) => openInstance({ ...told, passwordCost: 4 }),
    ...options,
  });
  const traffic = trafficTo(cloud);
  // The resend SDK takes no fetch.
  vi.stubGlobal('fetch', traffic.fetch);
  const variables: Variables = { ...cloud.environment(), AGENCY_MAPS_KEY: 'maps-0123456789', ...own };
  const clock = manualClock(Date.now());
  await mkdir(join(dir, 'agencies'), { recursive: true });
  await cp(MIGRATIONS, join(dir, 'migrations', 'agency'), { recursive: true });
  await writeFile(join(dir, 'fleet.yaml'), fleetText(variables, fleet));
  afterAll(async () => {
    await cloud.close();
    vi.unstubAllGlobals();
    await rm(base, { recursive: true, force: true });
  });

  const path = (file: string) => join(dir, file);
  const read = (file: string) => readFile(path(file), 'utf8');
  const put = async (file: string, text: string) => {
    await mkdir(dirname(path(file)), { recursive: true });
    await writeFile(path(file), text);
  };
  const perform = async (work: (ports: RunPorts) => Promise<RunReport>, told: RunOptions): Promise<Ran> => {
    const out = recorder(told.onEvent);
    const signal = told.signal ?? new AbortController().signal;
    const here = { dir, clock, fetch: traffic.fetch, signal, ...(told.base !== undefined && { base: told.base }) };
    const ports = await composeRun({ ...here, emit: out.emit }, readEnvironment({ ...variables, ...told.variables }));
    const { reviewed } = told;
    const agreed = new Map(Object.entries(reviewed ?? {}).map(([slug, permits]) => [slug, new Set(permits)]));
    const report = await work({ ...ports, ...(reviewed && { reviewed: async () => agreed }), ...told.ports });
    return { report, ...out.end() };
  };
  let mark = 0;
  return {
    cloud,
    dir,
    variables,
    clock,
    fetch: traffic.fetch,
    read,
    put,
    remove: (file: string) => rm(path(file)),
    /** The whole control room, by path; what the lease leaves behind is none of it. */
    files: async () => filesOf(dir),
    /** Writes the manifest; status stays as it stands in the file that was there. */
    write: async (agency: Agency) => {
      const known = await read(agency.file).catch(() => '');
      const reading = readStatus({ file: agency.file, text: known });
      const status = reading.ok ? reading.status : undefined;
      await put(agency.file, status ? spliceStatus(agency.text(), status) : agency.text());
    },
    status: async (slug: string): Promise<Status> => {
      const reading = readStatus({ file: slug, text: await read(`agencies/${slug}.yaml`) });
      if (reading.ok && reading.status) return reading.status;
      throw new Error(`agencies/${slug}.yaml carries no status that can be read`);
    },
    setStatus: async (slug: string, change: (status: Status) => Status) => {
      const file = `agencies/${slug}.yaml`;
      const reading = readStatus({ file, text: await read(file) });
      if (!reading.ok || !reading.status) throw new Error(`${file} carries no status`);
      await put(file, spliceStatus(await read(file), change(reading.status)));
    },
    apply: (agencies: readonly string[] = [], told: RunOptions = {}) =>
      perform((ports) => run({ mode: 'apply', agencies, ...told.request }, ports), told),
    plan: (agencies: readonly string[] = [], told: RunOptions = {}) =>
      perform((ports) => run({ mode: 'plan', agencies, ...told.request }, ports), told),
    resendMail: (slug: string, told: RunOptions = {}) => perform((ports) => resend(slug, ports), told),
    /** Everything that was sent since `forget`. */
    sent: (): readonly Sent[] => traffic.sent.slice(mark),
    /** What of it could change something, as `POST /v1/projects`. */
    writes: (): readonly string[] =>
      traffic.sent
        .slice(mark)
        .filter((one) => !isRead(one))
        .map(({ method, to, path: where }) => `${method} /${to}${where.replace(/\?.*/, '')}`),
    forget: () => {
      mark = traffic.sent.length;
    },
    /** Puts somebody in front of the vendors, until it is called with nothing. */
    intercept: (answer: Intercept = () => undefined) => {
      traffic.intercept = answer;
    },
    state: async () => (await control(cloud, 'GET', 'state')) as VendorState,
    fault: (fault: object) => control(cloud, 'POST', 'faults', fault),
    /** Ends all faults, and tells how often each of them was hit. */
    calm: async (): Promise<number[]> => {
      const faults = (await control(cloud, 'GET', 'faults')) as { fired: number }[];
      await control(cloud, 'DELETE', 'faults');
      return faults.map(({ fired }) => fired);
    },
  };
}

function recorder(onEvent: RunOptions['onEvent'] = () => undefined) {
  const events: Stamped[] = [];
  let text = '';
  let lines = '';
  const screen = {
    write: (part: string) => {
      text += part;
    },
    size: () => ({ columns: 160, rows: 50 }),
    live: false,
    color: false,
    now: () => performance.now(),
  };
  const keep = (event: Stamped) => {
    events.push(event);
    onEvent(event);
  };
  const reporters = [
    terminal(screen, { plans: 'full', verbose: true }),
    ndjson((line) => {
      lines += line;
    }),
    { event: keep, end: () => undefined },
  ];
  return {
    emit: emitTo(reporters, { now: () => Date.now() }),
    end: () => {
      for (const reporter of reporters) reporter.end();
      return { events, text, ndjson: lines };
    },
  };
}

async function control(cloud: Cloud, method: string, what: string, body?: object): Promise<unknown> {
  const init = { method, ...(body && { body: JSON.stringify(body) }) };
  const answer = await cloud.fetch(new Request(`${cloud.origin}/_cloud/${what}`, init));
  if (!answer.ok) throw new Error(`${method} /_cloud/${what}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

async function filesOf(dir: string): Promise<Record<string, string>> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const names = entries.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
  const kept = names.filter((name) => !name.includes('.provisioner')).sort();
  return Object.fromEntries(
    await Promise.all(kept.map(async (name) => [name.slice(dir.length + 1), await readFile(name, 'utf8')] as const)),
  );
}
