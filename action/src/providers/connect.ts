import type { Clock } from '../lib/clock.ts';
import { createLimiter } from '../lib/limiter.ts';
import type { Secret } from '../lib/secret.ts';
import { createHttp, type Http, type HttpPolicy } from './http.ts';
import { type Resend, resendBudget, resendClient, resendVendor } from './resend/client.ts';
import { type Instances, instances } from './supabase/instance.ts';
import { managementBudget, managementVendor } from './supabase/vendor.ts';
import { type Vercel, vercelBudget, vercelClient, vercelVendor } from './vercel/client.ts';

/** Where the vendors are and how we sign in to them: DESIGN "Fixed interfaces". */
export interface Environment extends Pick<HttpPolicy, 'fetch' | 'deadlineMs' | 'attempts' | 'random' | 'signal'> {
  readonly supabase: {
    readonly token: Secret;
    /** Slug of the organization that the projects belong to. */
    readonly organization: string;
    readonly apiUrl: string;
    /** URL of an instance, with `{ref}` in it. */
    readonly projectUrl: string;
  };
  readonly vercel: { readonly token: Secret; readonly team?: string; readonly apiUrl: string };
  /** URL of a deployed app, with `{host}` in it. */
  readonly instanceUrl: string;
  readonly resend: { readonly apiKey: Secret; readonly baseUrl: string };
  readonly clock: Clock;
}

/** The vendors, each behind its own limiter and the one policy. */
export interface Clients {
  readonly supabase: Http;
  readonly instances: Instances;
  readonly vercel: Vercel;
  readonly resend: Resend;
  /** For requests to what we deployed: no credential, no vendor's limits. */
  readonly policy: HttpPolicy;
  readonly organization: string;
  readonly projectUrl: string;
  readonly instanceUrl: string;
}

/** Opens no connection: each is made by the first call that needs it. */
export function connect(environment: Environment): Clients {
  const { supabase, vercel, resend, instanceUrl, ...policy } = environment;
  const { clock } = policy;
  const over = (vendor: Parameters<typeof createHttp>[0], budget: Parameters<typeof createLimiter>[1]) =>
    createHttp(vendor, policy, createLimiter(clock, budget));
  return {
    supabase: over(managementVendor(supabase.token, supabase.apiUrl), managementBudget),
    instances: instances(policy, createLimiter(clock)),
    vercel: vercelClient(over(vercelVendor(vercel.token, vercel.apiUrl), vercelBudget), vercel.team),
    resend: resendClient(resend, over(resendVendor(resend), resendBudget)),
    policy,
    organization: supabase.organization,
    projectUrl: supabase.projectUrl,
    instanceUrl,
  };
}
