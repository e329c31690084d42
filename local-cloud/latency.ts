/** How long one kind of call takes. */
export interface CallLatency {
  readonly service: string;
  readonly method: string;
  /** Compared with the path without the service's prefix. */
  readonly path: RegExp;
  /** Vendor milliseconds. */
  readonly ms: number;
}

/** How quick the vendors are. All times in vendor milliseconds. */
export interface Profile {
  readonly calls: readonly CallLatency[];
  /** Every call that `calls` does not name. */
  readonly otherMs: number;
  readonly project: ProjectTiming;
  readonly deployment: { readonly buildMs: number; readonly aliasMs: number; readonly envWriteMs: number };
  readonly mailDeliveryMs: number;
}

/** From the moment a project was created, except where said. */
export interface ProjectTiming {
  readonly comingUpMs: number;
  readonly healthyMs: number;
  readonly legacyKeysMs: number;
  readonly keysMs: number;
  /** How much later than the project its last service turns healthy; the others lie between. */
  readonly servicesMs: number;
  /** Pausing, restoring and restarting, from the request on. */
  readonly transitionMs: number;
}

/** Medians, some of them assumptions: no vendor publishes percentiles. 60 s to healthy, 45 s for a build. */
export const vendorProfile: Profile = {
  calls: [
    { service: 'supabase', method: 'POST', path: /^\/v1\/projects$/, ms: 1_500 },
    { service: 'supabase', method: 'GET', path: /\/api-keys$/, ms: 400 },
    { service: 'supabase', method: 'POST', path: /\/database\/query$/, ms: 3_000 },
    { service: 'supabase', method: 'PATCH', path: /\/config\/auth$/, ms: 800 },
    { service: 'project', method: 'POST', path: /\/auth\/v1\/admin\/users$/, ms: 600 },
    { service: 'vercel', method: 'POST', path: /^\/v\d+\/projects$/, ms: 800 },
    { service: 'vercel', method: 'POST', path: /\/domains$/, ms: 600 },
    { service: 'vercel', method: 'POST', path: /\/env$/, ms: 600 },
    { service: 'resend', method: 'POST', path: /^\/emails$/, ms: 300 },
  ],
  otherMs: 100,
  project: {
    comingUpMs: 2_000,
    healthyMs: 60_000,
    legacyKeysMs: 4_000,
    keysMs: 6_000,
    servicesMs: 6_000,
    transitionMs: 30_000,
  },
  deployment: { buildMs: 45_000, aliasMs: 1_500, envWriteMs: 50 },
  mailDeliveryMs: 2_000,
};

/** For tests: nothing takes time, but whatever needs several looks still does. */
export const instantProfile: Profile = {
  calls: [],
  otherMs: 0,
  project: { comingUpMs: 0, healthyMs: 0, legacyKeysMs: 0, keysMs: 0, servicesMs: 0, transitionMs: 0 },
  deployment: { buildMs: 0, aliasMs: 0, envWriteMs: 0 },
  mailDeliveryMs: 0,
};

/** Vendor milliseconds that this call takes, on top of the work it really is. */
export function callLatency(profile: Profile, service: string, request: Request): number {
  const { pathname } = new URL(request.url);
  const call = profile.calls.find(
    (one) => one.service === service && one.method === request.method && one.path.test(pathname),
  );
  return call?.ms ?? profile.otherMs;
}
