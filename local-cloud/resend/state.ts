import { z } from 'zod';

const mail = z.object({
  id: z.string(),
  from: z.string(),
  to: z.array(z.string()),
  cc: z.array(z.string()),
  bcc: z.array(z.string()),
  replyTo: z.array(z.string()),
  subject: z.string(),
  html: z.string().optional(),
  text: z.string().optional(),
  headers: z.record(z.string(), z.string()),
  tags: z.array(z.object({ name: z.string(), value: z.string() })),
  scheduledAt: z.string().nullable(),
  /** Vendor milliseconds since 1970. */
  createdAt: z.number(),
});

const remembered = z.object({
  key: z.string(),
  /** Digest of what the first request asked for. */
  payload: z.string(),
  at: z.number(),
  mailId: z.string(),
});

/** Everything the emulated Resend remembers. */
export const resendState = z.object({
  serial: z.number(),
  mails: z.array(mail),
  idempotency: z.array(remembered),
});

export type ResendState = z.infer<typeof resendState>;
export type StoredMail = z.infer<typeof mail>;
