import { createLimiter } from '../../action/src/lib/limiter.ts';
import { Secret } from '../../action/src/lib/secret.ts';
import { createHttp, type Http, type HttpPolicy } from '../../action/src/providers/http.ts';
import { type Instances, instances } from '../../action/src/providers/supabase/instance.ts';
import { type SupabaseKeysInputs, supabaseKeys } from '../../action/src/providers/supabase/keys.ts';
import { supabaseProject } from '../../action/src/providers/supabase/project.ts';
import { projectApi } from '../../action/src/providers/supabase/project-api.ts';
import { managementVendor } from '../../action/src/providers/supabase/vendor.ts';
import type { CloudOptions } from '../../local-cloud/cloud.ts';
import { runKind, type VendorCloud, vendorCloud } from './vendor-cloud.ts';

/** The emulated Supabase, and a person's hands in it. */
export interface SupabaseCloud extends VendorCloud {
  readonly http: Http;
  readonly instances: Instances;
  readonly organization: string;
  readonly projectUrl: string;
  /** Asks the Management API as a person with the token would. */
  asAdmin(method: string, path: string, body?: unknown): Promise<unknown>;
  /** Every request since the last `forget`, as `GET /v1/…`. */
  requests(): Promise<string[]>;
  /** Runs SQL as postgres, and gives the rows of the last statement. */
  sql(ref: string, query: string): Promise<Record<string, unknown>[]>;
}

export interface SupabaseCloudOptions extends Partial<CloudOptions> {
  readonly over?: Partial<HttpPolicy>;
  readonly token?: string;
}

export async function supabaseCloud({ over, token, ...options }: SupabaseCloudOptions = {}): Promise<SupabaseCloud> {
  const world = await vendorCloud(options);
  const policy = { ...world.policy, ...over };
  const { SUPABASE_ACCESS_TOKEN: own = '', SUPABASE_API_URL: url = '' } = world.environment;
  const limiter = createLimiter(world.clock);
  const http = createHttp(managementVendor(new Secret(token ?? own), url), policy, limiter);
  let seen = 0;
  const log = async () => {
    const answer = await world.cloud.fetch(new Request(`${world.cloud.origin}/_cloud/requests`));
    return ((await answer.json()) as { method: string; path: string }[]).map(({ method, path }) => `${method} ${path}`);
  };
  const asAdmin = async (method: string, path: string, body?: unknown) => {
    const headers = { authorization: `Bearer ${own}`, 'content-type': 'application/json' };
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const answer = await world.cloud.fetch(new Request(`${url}${path}`, init));
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    const text = await answer.text();
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  };
  return {
    ...world,
    http,
    instances: instances(policy, limiter),
    organization: world.environment.SUPABASE_ORG_ID ?? '',
    projectUrl: world.environment.SUPABASE_PROJECT_URL ?? '',
    asAdmin,
    requests: async () => (await log()).slice(seen),
    forget: async () => {
      seen = (await log()).length;
      await world.forget();
    },
    sql: async (ref, query) =>
      (await asAdmin('POST', `/v1/projects/${ref}/database/query`, { query })) as Record<string, unknown>[],
  };
}

/** The project kind over this cloud. */
export const projectKind = (cloud: SupabaseCloud) =>
  supabaseProject(projectApi(cloud.http), cloud.projectUrl, cloud.organization);

/** A project that is up, as the kinds after it need one. */
export async function aProject(cloud: SupabaseCloud, name = 'agency-acme-uid-1') {
  const inputs = { name, region: 'us-east-1', size: 'micro' };
  const { id: ref, outputs } = await runKind(projectKind(cloud), inputs);
  return { ref, url: String(outputs.url) };
}

/** Its keys, through their kind. */
export async function keysOf(cloud: SupabaseCloud, ref: string) {
  const { outputs } = await runKind<SupabaseKeysInputs, unknown>(supabaseKeys(cloud.http), { ref });
  const { publishableKey, secretKey } = outputs;
  if (!(secretKey instanceof Secret)) throw new TypeError('the secret key is not a Secret');
  return { publishableKey: String(publishableKey), secretKey };
}
