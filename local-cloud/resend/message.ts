import { z } from 'zod';
import { addressIn, domainOf } from './address.ts';
import { invalid, missing, Refusal } from './answers.ts';
import type { ResendOptions } from './options.ts';

const addresses = z.union([z.string(), z.array(z.string())]);

const shape = z.strictObject({
  from: z.string().optional(),
  to: addresses.optional(),
  cc: addresses.optional(),
  bcc: addresses.optional(),
  reply_to: addresses.optional(),
  subject: z.string().optional(),
  html: z.string().optional(),
  text: z.string().optional(),
  headers: z.record(z.string(), z.string()).optional(),
  tags: z.array(z.strictObject({ name: z.string(), value: z.string() })).optional(),
  scheduled_at: z.string().optional(),
});

/** A message that Resend would accept. */
export interface Message {
  from: string;
  to: string[];
  cc: string[];
  bcc: string[];
  replyTo: string[];
  subject: string;
  html?: string | undefined;
  text?: string | undefined;
  headers: Record<string, string>;
  tags: { name: string; value: string }[];
  scheduledAt: string | null;
}

/** Attachments, templates and topics are known to the vendor and not emulated: better refused than ignored. */
const beyond = ['attachments', 'template', 'topic_id'];

/**
 * Reads the body of POST /emails.
 * @throws Refusal 422 for what the vendor refuses, 403 for a sender domain that nobody verified
 */
export function readMessage(body: unknown, options: ResendOptions): Message {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw invalid('The request body must be an object.');
  const unknown = beyond.find((field) => field in body);
  if (unknown !== undefined) throw new Refusal(501, 'not_emulated', `The local cloud does not emulate \`${unknown}\`.`);
  const parsed = shape.safeParse(body);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw invalid(`Invalid \`${issue?.path.join('.') ?? ''}\` field. ${issue?.message ?? ''}`);
  }
  return checked(parsed.data, options);
}

function checked(given: z.infer<typeof shape>, options: ResendOptions): Message {
  const { from, to, subject, html, text, headers = {}, tags = [] } = given;
  if (from === undefined || from === '') throw missing('from');
  if (to === undefined) throw missing('to');
  if (subject === undefined || subject === '') throw missing('subject');
  if (html === undefined && text === undefined) throw invalid('Missing `html` or `text` field.');
  if (/[\r\n]/.test(subject)) throw invalid('The `\\n` is not allowed in the `subject` field.');
  checkTags(tags);
  checkSender(from, options);
  const scheduledAt = given.scheduled_at ?? null;
  if (scheduledAt !== null && Number.isNaN(Date.parse(scheduledAt))) throw invalid('Invalid `scheduled_at` field.');
  const recipients = list('to', to);
  if (recipients.length === 0 || recipients.length > 50) throw invalid('The `to` field must have 1 to 50 addresses.');
  const others = { cc: list('cc', given.cc), bcc: list('bcc', given.bcc), replyTo: list('reply_to', given.reply_to) };
  return { from, to: recipients, ...others, subject, html, text, headers, tags, scheduledAt };
}

const format = 'The email address needs to follow the `email@example.com` or `Name <email@example.com>` format.';

function list(field: string, given: string | string[] | undefined): string[] {
  const all = given === undefined ? [] : [given].flat();
  if (all.some((text) => addressIn(text) === undefined)) throw invalid(`Invalid \`${field}\` field. ${format}`);
  return all;
}

function checkSender(from: string, { verifiedDomains }: ResendOptions): void {
  const address = addressIn(from);
  if (address === undefined) throw invalid(`Invalid \`from\` field. ${format}`);
  const domain = domainOf(address);
  const verified = verifiedDomains === undefined ? domain.endsWith('.example') : verifiedDomains.includes(domain);
  if (verified) return;
  const message = `The ${domain} domain is not verified. Please, add and verify your domain on https://resend.com/domains`;
  throw new Refusal(403, 'validation_error', message);
}

function checkTags(tags: readonly { name: string; value: string }[]): void {
  const fine = ({ name, value }: { name: string; value: string }): boolean =>
    [name, value].every((text) => /^[A-Za-z0-9_-]{1,256}$/.test(text));
  if (!tags.every(fine)) {
    throw invalid('Tags should only contain ASCII letters, numbers, underscores, or dashes, and at most 256 of them.');
  }
}
