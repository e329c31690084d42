import { notEmulated } from './answers.ts';
import type { CloudClock } from './clock.ts';
import { type Ground, prepareGround } from './cloud-state.ts';
import { controlApp } from './control.ts';
import type { Outcome } from './effects.ts';
import { Faults } from './faults.ts';
import { type Gateway, pass, serviceFor } from './gateway.ts';
import type { LocalForge } from './github/forge.ts';
import { Holds } from './holds.ts';
import { type Handler, listen, type RunningServer } from './http-server.ts';
import { environmentOf } from './identity.ts';
import { instantProfile, type Profile, vendorProfile } from './latency.ts';
import { resendLimits, supabaseLimits, vercelLimits } from './limits.ts';
import { RateLimits } from './rate-limit.ts';
import { RequestLog } from './request-log.ts';
import type { CloudContext } from './service.ts';
import type { OpenInstance } from './supabase/instances.ts';
import type { Organization } from './supabase/world.ts';
import { composeVendors, type VendorOptions, type Vendors } from './vendors.ts';

export interface CloudOptions {
  /** Everything that survives a restart lives here. One cloud per folder. */
  readonly dir: string;
  /** 0 takes any free port; `none` opens no port at all: then only `fetch` reaches the cloud. */
  readonly port: number | 'none';
  readonly host?: string;
  /** Vendor milliseconds per real millisecond; 1 unless told. */
  readonly speed?: number;
  /** In the place of real time at `speed`; for runs that skip the waiting. */
  readonly clock?: CloudClock;
  /** What the vendors make up (refs, keys, tokens) follows from it. Counts for a new folder only. */
  readonly seed?: string;
  /** `vendor` unless told; `none` = nothing takes time, though readiness still takes several looks. */
  readonly profile?: 'vendor' | 'none' | Profile;
  /** false = no vendor ever answers 429 by itself. */
  readonly rateLimits?: boolean;
  /** The Supabase organization's plan: `pro`, or `free` when there is a quota. */
  readonly plan?: Organization['plan'];
  /** How many active Supabase projects there may be. */
  readonly quota?: number;
  readonly vercel?: VendorOptions['vercel'];
  /** How a project's data plane is opened; the real Postgres unless told. */
  readonly openInstance?: OpenInstance;
  /** false = nothing survives a restart; for runs that measure somebody else, who would wait for the writing. */
  readonly durable?: boolean;
}

export interface Cloud {
  /** Without a trailing slash. */
  readonly origin: string;
  /** People at their keyboards, and those who watch what happens on the emulated GitHub. */
  readonly forge: LocalForge;
  /** The variables that point everything at this cloud. */
  environment(): Record<string, string>;
  /**
   * In process, on the same path as over the port: faults, limits, latency, log. A cut connection rejects as undici's
   * fetch does: TypeError `fetch failed` with `cause.code` ECONNRESET.
   */
  fetch(request: Request): Promise<Response>;
  /** Ends what waits, closes databases and ports. The second call waits for the first. */
  close(): Promise<void>;
}

/** Starts an emulated Supabase, Vercel, Resend and GitHub. Rejects when the port is taken or the folder holds something else. */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const { speed = 1, seed, clock } = options;
  const ground = await prepareGround(options.dir, { speed, seed, clock });
  const place = { origin: 'http://cloud.invalid' };
  const context: CloudContext = {
    dir: options.dir,
    clock: ground.clock,
    chance: ground.chance,
    origin: () => place.origin,
  };
  const profile = profileOf(options.profile ?? 'vendor');
  const vendors = composeVendors(context, vendorOptions(options, ground, profile));
  const gateway = await createGateway(options, ground, profile, vendors);
  const handle = handler(gateway, vendors);
  const server = options.port === 'none' ? undefined : await listen(options.host ?? '127.0.0.1', options.port, handle);
  place.origin = server?.origin ?? place.origin;
  let closing: Promise<void> | undefined;
  return {
    origin: place.origin,
    forge: vendors.forge,
    environment: () => environmentOf(ground.identity, place.origin, ground.clock.speed),
    fetch: (request) => fetchInProcess(handle, request),
    close() {
      closing ??= close(gateway, ground, vendors, server);
      return closing;
    },
  };
}

function profileOf(profile: 'vendor' | 'none' | Profile): Profile {
  if (profile === 'vendor') return vendorProfile;
  return profile === 'none' ? instantProfile : profile;
}

function vendorOptions(options: CloudOptions, ground: Ground, profile: Profile): VendorOptions {
  return {
    identity: ground.identity,
    profile,
    plan: options.plan ?? (options.quota === undefined ? 'pro' : 'free'),
    quota: options.quota,
    rateLimits: options.rateLimits !== false,
    openInstance: options.openInstance ?? openRealInstance,
    vercel: options.vercel ?? {},
    saved: ground.saved,
  };
}

/** Postgres is loaded with the first SQL: a cloud that is only looked at starts without it. */
const openRealInstance: OpenInstance = async (options) => {
  const { openInstance } = await import('./instance/instance.ts');
  return openInstance(options);
};

async function createGateway(
  options: CloudOptions,
  ground: Ground,
  profile: Profile,
  vendors: Vendors,
): Promise<Gateway> {
  const { services } = vendors;
  const store = await ground.keep(() => Object.fromEntries(services.map((service) => [service.name, service.save()])));
  const policies = { supabase: supabaseLimits, vercel: vercelLimits, resend: resendLimits };
  return {
    services,
    clock: ground.clock,
    faults: new Faults(),
    holds: new Holds(),
    log: new RequestLog(ground.clock),
    limits: new RateLimits(ground.clock, options.rateLimits === false ? {} : policies),
    profile,
    save: options.durable === false ? async () => undefined : () => store.save(),
  };
}

function handler(gateway: Gateway, vendors: Vendors): Handler {
  const control = controlApp({ ...gateway, state: () => vendors.state() });
  return async (request, gone): Promise<Outcome> => {
    const service = serviceFor(gateway.services, request);
    if (service !== undefined) return pass(gateway, service, request, gone);
    const { pathname } = new URL(request.url);
    if (pathname.startsWith('/_cloud/')) return { kind: 'answer', response: await control.fetch(request) };
    const page = request.method === 'GET' ? vendors.page(pathname) : undefined;
    return { kind: 'answer', response: page ?? notEmulated('any vendor', request) };
  };
}

async function fetchInProcess(handle: Handler, request: Request): Promise<Response> {
  request.signal.throwIfAborted();
  const outcome = await orAborted(handle(request, request.signal), request.signal);
  if (outcome.kind === 'answer') return outcome.response;
  const cause = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
  throw new TypeError('fetch failed', { cause });
}

/** Whoever gives up gets the signal's reason at once, whatever becomes of the request. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

async function close(gateway: Gateway, ground: Ground, vendors: Vendors, server: RunningServer | undefined) {
  gateway.holds.release('gone');
  ground.clock.stop();
  await server?.close();
  await vendors.close();
  await gateway.save();
}
