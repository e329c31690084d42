import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execute } from '../../action/src/engine/execute.ts';
import { erase, type Kind } from '../../action/src/engine/kind.ts';
import { scopeOf } from '../../action/src/engine/observe.ts';
import type { Recorded, Values } from '../../action/src/engine/resource.ts';
import type { Keyring } from '../../action/src/lib/keyring.ts';
import { createLimiter } from '../../action/src/lib/limiter.ts';
import { Secret } from '../../action/src/lib/secret.ts';
import { createHttp, type HttpPolicy } from '../../action/src/providers/http.ts';
import { type Vercel, vercelClient, vercelVendor } from '../../action/src/providers/vercel/client.ts';
import { type Cloud, type CloudOptions, startCloud } from '../../local-cloud/cloud.ts';
import { openInstance } from '../../local-cloud/instance/instance.ts';
import { type ManualClock, manualClock } from './clock.ts';
import { someHands } from './hands.ts';

/** A local cloud in this process, and the means to look at it, disturb it, and run one kind against it. */
export interface VendorCloud {
  readonly cloud: Cloud;
  readonly environment: Readonly<Record<string, string>>;
  readonly policy: HttpPolicy;
  readonly clock: ManualClock;
  readonly vercel: Vercel;
  /** Asks the emulated Vercel as a person with the token would. */
  asPerson(method: string, path: string, body?: unknown): Promise<unknown>;
  fault(fault: object): Promise<void>;
  /** Ends all faults. */
  calm(): Promise<void>;
  /** The variables that a deployment was made with, as only the emulated Vercel itself knows them. */
  builtWith(deploymentId: string): Promise<Record<string, string>>;
  /** Every request that changes something, as `POST /v11/projects`, since the last call of `forget`. */
  writes(): Promise<string[]>;
  forget(): Promise<void>;
  close(): Promise<void>;
}

/** No latency, no rate limits, no port; nothing is left on the disk. */
export async function vendorCloud(options: Partial<CloudOptions> = {}): Promise<VendorCloud> {
  const dir = await mkdtemp(join(tmpdir(), 'vendor-cloud-'));
  const cloud = await startCloud({
    dir,
    port: 'none',
    profile: 'none',
    seed: 'test',
    rateLimits: false,
    openInstance: (told) => openInstance({ ...told, passwordCost: 4 }),
    ...options,
  });
  const environment = cloud.environment();
  const clock = manualClock();
  const inProcess: typeof globalThis.fetch = (input, init) => cloud.fetch(new Request(input, init));
  const policy = { clock, fetch: inProcess, random: () => 0 };
  const { VERCEL_TOKEN: token = '', VERCEL_API_URL: url = '', VERCEL_TEAM_ID: team = '' } = environment;
  const http = createHttp(vercelVendor(new Secret(token), url), policy, createLimiter(clock));
  let seen = 0;
  const requests = async () => {
    const answer = await cloud.fetch(new Request(`${cloud.origin}/_cloud/requests`));
    return (await answer.json()) as { method: string; path: string }[];
  };
  return {
    cloud,
    environment,
    policy,
    clock,
    vercel: vercelClient(http, team),
    asPerson: async (method, path, body) => {
      const answer = await cloud.fetch(
        new Request(`${url}${path}${path.includes('?') ? '&' : '?'}teamId=${team}`, {
          method,
          headers: { authorization: `Bearer ${token}` },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        }),
      );
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
      const text = await answer.text();
      return text === '' ? undefined : JSON.parse(text);
    },
    fault: async (fault) => {
      const body = JSON.stringify(fault);
      const answer = await cloud.fetch(new Request(`${cloud.origin}/_cloud/faults`, { method: 'POST', body }));
      if (!answer.ok) throw new Error(await answer.text());
    },
    calm: async () => {
      await cloud.fetch(new Request(`${cloud.origin}/_cloud/faults`, { method: 'DELETE' }));
    },
    builtWith: async (id) => {
      const saved = JSON.parse(await readFile(join(dir, 'state.json'), 'utf8'));
      return saved.services.vercel.deployments.find((one: { id: string }) => one.id === id).env;
    },
    writes: async () =>
      (await requests())
        .slice(seen)
        .filter(({ method, path }) => method !== 'GET' && !path.endsWith('/database/query/read-only'))
        .map(({ method, path }) => `${method} ${path}`),
    forget: async () => {
      seen = (await requests()).length;
    },
    close: async () => {
      await cloud.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** What a kind is run with beside its inputs. */
export interface RunOptions {
  readonly recorded?: Recorded | undefined;
  readonly adopt?: string;
  readonly recreate?: string;
  readonly agency?: { readonly slug: string; readonly uid: string };
  readonly permits?: readonly string[];
  readonly clock?: ManualClock;
  readonly keyring?: Keyring;
}

/** Runs one kind through the engine's own loop; `recorded` is what status holds of it afterwards. */
export async function runKind<I extends object, A>(kind: Kind<I, A>, inputs: I, options: RunOptions = {}) {
  const { recorded, adopt, recreate, agency, permits = [], clock, keyring } = options;
  const address = kind.name;
  const hands = someHands(
    { [address]: erase(kind) },
    {
      ...(recorded && { recorded: new Map([[address, recorded]]) }),
      ...(agency && { agency }),
      ...(keyring && { keyring }),
      permits: new Set(permits),
    },
  );
  const eyes = clock ? { ...hands, clock } : hands;
  const resource = {
    address,
    kind: address,
    inputs: inputs as unknown as Values,
    after: [],
    condition: 'Ready' as const,
    allow: { ...(adopt !== undefined && { adopt }), ...(recreate !== undefined && { recreate }) },
  };
  const scope = scopeOf(resource, inputs as unknown as Values, eyes);
  const done = await execute({ resource, kind: erase(kind), scope, hands: eyes, created: () => undefined });
  const { id = '' } = done;
  return { ...done, id, recorded: hands.recorded.get(address), events: hands.events };
}
