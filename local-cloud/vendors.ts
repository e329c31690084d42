import type { LocalForge } from './github/forge.ts';
import { githubService } from './github/service.ts';
import type { Identity } from './identity.ts';
import type { Profile } from './latency.ts';
import { pageFor } from './pages.ts';
import { resendService } from './resend/service.ts';
import type { CloudContext, Service } from './service.ts';
import { siteService } from './site/service.ts';
import type { OpenInstance } from './supabase/instances.ts';
import { createSupabase, type Supabase } from './supabase/supabase.ts';
import type { Organization } from './supabase/world.ts';
import { defaultRepositories, type VercelOptions } from './vercel/options.ts';
import { vercelService } from './vercel/service.ts';

export interface VendorOptions {
  readonly identity: Identity;
  readonly profile: Profile;
  readonly plan: Organization['plan'];
  readonly quota: number | undefined;
  /** false = no vendor ever refuses by itself. */
  readonly rateLimits: boolean;
  readonly openInstance: OpenInstance;
  /** What is special about the emulated Vercel: repositories, taken hosts, foreign domains. */
  readonly vercel: Partial<Omit<VercelOptions, 'token' | 'saved'>>;
  saved(service: string): unknown;
}

/** All emulated vendors, wired to each other. */
export interface Vendors {
  readonly services: readonly Service[];
  readonly forge: LocalForge;
  /** `GET /_cloud/state` */
  state(): Promise<unknown>;
  /** The landing page and the inbox; `undefined` for other paths. */
  page(path: string): Response | undefined;
  close(): Promise<void>;
}

export function composeVendors(context: CloudContext, options: VendorOptions): Vendors {
  const supabase = createSupabase(context, supabaseOptions(options));
  const vercel = vercelService(context, vercelOptions(options));
  const resend = resendService(context, {
    apiKey: options.identity.resendKey,
    deliveryMs: options.profile.mailDeliveryMs,
    saved: options.saved('resend'),
  });
  const github = githubService(context, {
    token: options.identity.githubToken,
    repositories: options.vercel.repositories ?? defaultRepositories,
    limits: options.rateLimits,
    saved: options.saved('github'),
  });
  const site = siteService(context, { lookup: (host) => vercel.site(host) });
  return {
    services: [supabase.management, supabase.projects, vercel, resend, github, site],
    forge: github.forge,
    async state() {
      const { projects: vercelProjects, deployments } = vercel.overview();
      const mails = resend.mails().map(({ id, to, subject, at }) => ({ id, to, subject, at }));
      return {
        projects: await projectsOf(supabase),
        vercelProjects,
        deployments,
        users: await supabase.users(),
        mails,
      };
    },
    page: (path) =>
      pageFor(path, {
        projects: () => supabase.overview(),
        sites: () => vercel.overview().projects,
        mails: () => resend.mails(),
      }),
    async close() {
      await Promise.all([site.close(), github.close(), resend.close(), vercel.close()]);
      await supabase.close();
    },
  };
}

function supabaseOptions(options: VendorOptions): Parameters<typeof createSupabase>[1] {
  const { identity, plan, quota } = options;
  const organization = { slug: identity.organizationSlug, name: 'Example Software', plan };
  return {
    token: identity.supabaseToken,
    organization: quota === undefined ? organization : { ...organization, quota },
    timing: options.profile.project,
    openInstance: options.openInstance,
    saved: options.saved('supabase'),
  };
}

function vercelOptions(options: VendorOptions): VercelOptions {
  return {
    team: { id: options.identity.teamId, slug: 'example-software', name: 'Example Software' },
    timing: options.profile.deployment,
    ...options.vercel,
    token: options.identity.vercelToken,
    saved: options.saved('vercel'),
  };
}

async function projectsOf(supabase: Supabase): Promise<unknown[]> {
  return Promise.all(
    supabase.overview().map(async ({ ref, name, status }) => {
      const postgresUrl = await supabase.postgresUrl(ref);
      return { ref, name, status, ...(postgresUrl !== undefined && { postgresUrl }) };
    }),
  );
}
