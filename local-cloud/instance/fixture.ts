import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import { z } from 'zod';
import type { VendorClock } from '../service.ts';
import { type AuthSettings, type Instance, type InstanceKeys, type InstanceOptions, openInstance } from './instance.ts';
import { signJwt } from './jwt.ts';

/** An instance in a temporary folder, with levers that tests pull. */
export interface TestInstance extends Instance {
  readonly options: InstanceOptions;
  readonly keys: InstanceKeys;
  /** Changes the auth config from now on. */
  configure(changes: Partial<AuthSettings>): void;
  /** Moves vendor time on. */
  pass(ms: number): void;
  /** Runs SQL as `postgres` and returns the rows; rejects when it fails. */
  sql(text: string): Promise<Record<string, unknown>[]>;
  /** A real supabase-js client that calls the instance in process. */
  client(key: string, headers?: Record<string, string>): SupabaseClient;
  /** Closes the instance and removes its folder. */
  remove(): Promise<void>;
}

/** Opens an instance named `ref`; passwords are hashed at the lowest cost to keep tests fast. */
export async function anInstance(ref: string, changes: Partial<AuthSettings> = {}): Promise<TestInstance> {
  const dir = await mkdtemp(join(tmpdir(), 'instance-'));
  const keys = await keysOf(ref);
  const time = { offset: 0 };
  const settings = { ...defaults, ...changes };
  const url = `http://127.0.0.1:4600/projects/${ref}`;
  const clock: VendorClock = { now: () => Date.now() + time.offset, speed: 1, sleep: async () => undefined };
  const options = { ref, dir, keys, auth: () => settings, clock, url: () => url, passwordCost: 4 };
  const instance = await openInstance(options);
  return {
    ...instance,
    options,
    keys,
    configure: (next) => Object.assign(settings, next),
    pass: (ms) => {
      time.offset += ms;
    },
    sql: async (text) => rowsOf(await instance.query(text)),
    client: (key, headers = {}) => clientOf(instance, url, key, headers),
    async remove() {
      await instance.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

const defaults: AuthSettings = {
  site_url: 'https://app.example',
  uri_allow_list: '',
  disable_signup: true,
  password_min_length: 8,
  jwt_exp: 3600,
};

async function keysOf(ref: string): Promise<InstanceKeys> {
  const jwtSecret = `secret-of-${ref}-that-is-long-enough-for-hs256`;
  const legacy = (role: string) => signJwt({ iss: 'supabase', ref, role, iat: 1, exp: 4_000_000_000 }, jwtSecret);
  return {
    publishable: `sb_publishable_${ref}`,
    secret: `sb_secret_${ref}`,
    jwtSecret,
    anonJwt: await legacy('anon'),
    serviceRoleJwt: await legacy('service_role'),
  };
}

function clientOf(instance: Instance, url: string, key: string, headers: Record<string, string>): SupabaseClient {
  return createClient(url, key, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    global: { headers, fetch: (input, init) => instance.fetch(belowPrefix(new Request(input, init), url)) },
    // Node 20 has no WebSocket, without which createClient throws; realtime is not used.
    realtime: { transport: class {} as never },
  });
}

/** The body of an answer that is a JSON object. */
export async function bodyOf(response: Response): Promise<Record<string, unknown>> {
  return z.record(z.string(), z.unknown()).parse(await response.json());
}

/** The request as the instance sees it: without the prefix under which the cloud serves it. */
function belowPrefix(request: Request, base: string): Request {
  const { pathname } = new URL(base);
  return new Request(request.url.replace(pathname, ''), request);
}

function rowsOf(result: Awaited<ReturnType<Instance['query']>>): Record<string, unknown>[] {
  if (!result.ok) throw new Error(result.message);
  return result.rows;
}
