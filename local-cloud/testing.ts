import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createChance } from './chance.ts';
import { type Cloud, type CloudOptions, startCloud } from './cloud.ts';
import type { Instance, InstanceOptions, QueryResult } from './instance/instance.ts';
import { instantProfile, type ProjectTiming } from './latency.ts';
import type { CloudContext, VendorClock } from './service.ts';
import { createSupabase, type Supabase } from './supabase/supabase.ts';
import type { Organization } from './supabase/world.ts';

/** A folder of its own for one test. */
export async function temporaryFolder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'local-cloud-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** Time that stands still until the test moves it. */
export class ManualClock implements VendorClock {
  readonly speed = 1;
  #now = Date.parse('2026-11-22T00:00:00Z');
  now(): number {
    return this.#now;
  }
  async sleep(ms: number): Promise<void> {
    this.#now += ms;
  }
  advance(ms: number): void {
    this.#now += ms;
  }
}

/** What was done to the instances of one test. */
export interface InstanceDouble {
  readonly open: (options: InstanceOptions) => Promise<Instance>;
  readonly opened: InstanceOptions[];
  readonly closed: string[];
  readonly queries: { ref: string; sql: string; readOnly: boolean; parameters: unknown[] }[];
  readonly requests: Request[];
  /** Answers every query from then on. */
  result: QueryResult;
  postgresUrl: string;
}

/** Data planes that only take notes. */
export function anInstanceDouble(): InstanceDouble {
  const double: InstanceDouble = {
    opened: [],
    closed: [],
    queries: [],
    requests: [],
    result: { ok: true, rows: [] },
    postgresUrl: 'postgresql://postgres@127.0.0.1:1/postgres',
    async open(options) {
      double.opened.push(options);
      return instanceOf(double, options.ref);
    },
  };
  return double;
}

function instanceOf(double: InstanceDouble, ref: string): Instance {
  return {
    async query(sql, { readOnly = false, parameters = [] } = {}) {
      double.queries.push({ ref, sql, readOnly, parameters: [...parameters] });
      return double.result;
    },
    async fetch(request) {
      double.requests.push(request);
      return Response.json({ path: new URL(request.url).pathname });
    },
    users: async () => [{ id: `user-of-${ref}`, email: 'owner@acme.example' }],
    postgresUrl: async () => double.postgresUrl,
    async close() {
      double.closed.push(ref);
    },
  };
}

/** A cloud on a free port, without Postgres and without waiting, closed when the test ends. */
export async function aCloud(options: Partial<CloudOptions> = {}): Promise<Cloud> {
  const cloud = await startCloud({
    dir: options.dir ?? (await temporaryFolder()),
    port: 0,
    profile: 'none',
    seed: 'test',
    openInstance: anInstanceDouble().open,
    ...options,
  });
  onTestFinished(() => cloud.close());
  return cloud;
}

export interface SupabaseRig {
  readonly supabase: Supabase;
  readonly clock: ManualClock;
  readonly instances: InstanceDouble;
  readonly organizationSlug: string;
  /** Calls the Management API, signed in. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Creates a project and looks until it and its services are up. */
  readyProject(name?: string): Promise<string>;
}

/** An answer that was read. `body` is parsed JSON, or the text when it is none. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export const TOKEN = `sbp_${'0123456789'.repeat(4)}`;

/** The emulated Supabase alone, under a clock that the test moves. */
export async function aSupabase(
  options: { timing?: Partial<ProjectTiming>; plan?: Organization['plan']; quota?: number; saved?: unknown } = {},
): Promise<SupabaseRig> {
  const clock = new ManualClock();
  const dir = await temporaryFolder();
  const context: CloudContext = { dir, clock, chance: createChance('test'), origin: () => 'http://cloud.test' };
  const instances = anInstanceDouble();
  const { timing, plan = 'pro', quota, saved } = options;
  const organizationSlug = 'orgorgorgorgorgorgor';
  const supabase = createSupabase(context, {
    token: TOKEN,
    organization: { slug: organizationSlug, name: 'Acme', plan, ...(quota !== undefined && { quota }) },
    timing: { ...instantProfile.project, ...timing },
    openInstance: instances.open,
    saved,
  });
  onTestFinished(() => supabase.close());
  const call: SupabaseRig['call'] = async (method, path, body, headers) =>
    read(await supabase.management.fetch(managementRequest(method, path, body, headers)));
  const readyProject = async (name = 'acme'): Promise<string> => {
    const created = await call('POST', '/v1/projects', { name, organization_slug: organizationSlug, db_pass: 'x' });
    const ref = String(member(created.body, 'ref'));
    for (let looks = 0; looks < 8; looks++) await call('GET', `/v1/projects/${ref}/health?services=auth`);
    return ref;
  };
  return { supabase, clock, instances, organizationSlug, call, readyProject };
}

export function managementRequest(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Request {
  return new Request(`http://cloud.test${path}`, {
    method,
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

async function read(response: Response): Promise<Answer> {
  const text = await response.text();
  try {
    return { status: response.status, body: JSON.parse(text) };
  } catch {
    return { status: response.status, body: text };
  }
}

/** A member of a parsed answer; `undefined` when there is none. */
export function member(value: unknown, name: string): unknown {
  return Object(value)[name];
}
