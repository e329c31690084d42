/** What the cloud hands to every service it hosts. */
export interface CloudContext {
  /** The folder that holds everything that survives a restart. */
  readonly dir: string;
  readonly clock: VendorClock;
  readonly chance: Chance;
  /** The origin that clients reach the cloud by, without a trailing slash, e.g. `http://127.0.0.1:4600`. */
  origin(): string;
}

/**
 * Time as the vendors live it: wall time since the cloud's epoch, multiplied by the speed.
 * State changes are computed from it when somebody looks, never by timers.
 */
export interface VendorClock {
  /** Milliseconds since 1970 in vendor time. */
  now(): number;
  /** Vendor milliseconds per real millisecond. */
  readonly speed: number;
  /** Resolves after `ms` vendor milliseconds. */
  sleep(ms: number): Promise<void>;
}

/** Seeded chance: one seed gives one sequence for each label, whatever the order in which labels are drawn. */
export interface Chance {
  /** A number in [0, 1). */
  number(label: string): number;
  /** `length` characters out of `alphabet`. */
  text(label: string, length: number, alphabet: string): string;
}

/** One emulated vendor. Everything is Request -> Response, so that tests call it in process. */
export interface Service {
  /** As it stands in the request log and in faults: supabase, vercel, resend, project, site. */
  readonly name: string;
  /** The path prefix the cloud serves it under, e.g. `/supabase`; the service sees paths without it. */
  readonly prefix: string;
  /** Answers as the vendor would: unknown routes 501, everything else in the vendor's own error shape. */
  fetch(request: Request): Promise<Response>;
  /** Everything that has to survive a restart, as JSON. Called after each request that may have changed it. */
  save(): unknown;
  /** Gives back what holds memory, files or ports. */
  close(): Promise<void>;
}
