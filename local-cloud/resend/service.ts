import { Hono } from 'hono';
import type { CloudContext, Service } from '../service.ts';

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
  /** What `save()` gave before the restart. */
  readonly saved?: unknown;
}

export interface Mail {
  id: string;
  from: string;
  to: string[];
  cc: string[];
  bcc: string[];
  replyTo: string[];
  subject: string;
  html?: string;
  text?: string;
  headers: Record<string, string>;
  /** ISO 8601. */
  at: string;
  lastEvent: string;
}

export interface ResendService extends Service {
  /** Newest first. */
  mails(): Mail[];
}

/** Resend's sending API (https://resend.com/docs/api-reference/emails). */
export function resendService(_context: CloudContext, _options: ResendOptions): ResendService {
  const app = new Hono();
  app.notFound((c) => c.json({ statusCode: 501, name: 'not_emulated', message: `${c.req.method} ${c.req.path}` }, 501));
  return {
    name: 'resend',
    prefix: '/resend',
    fetch: async (request) => app.fetch(request),
    save: () => null,
    close: async () => undefined,
    mails: () => [],
  };
}
