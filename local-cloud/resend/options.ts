/** What the local cloud decides about its Resend. */
export interface ResendOptions {
  /** The full-access key. */
  readonly apiKey: string;
  /** A key that may send and nothing else, when there is one. */
  readonly sendingKey?: string;
  /** Domains that may stand in `from`. Default: every domain under the reserved TLD `example`. */
  readonly verifiedDomains?: readonly string[];
  /** Vendor milliseconds from acceptance to delivery. Default 2 s. */
  readonly deliveryMs?: number;
  /** Vendor milliseconds that accepting a mail takes, in which a second request with its key is refused. Default 50, at most `deliveryMs`. */
  readonly acceptMs?: number;
  /** What `save()` gave before the restart. */
  readonly saved?: unknown;
}
