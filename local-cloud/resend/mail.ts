import { addressIn, localPartOf } from './address.ts';
import type { StoredMail } from './state.ts';
import type { World } from './world.ts';

/** A mail as the inbox shows it. */
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
  /** ISO 8601, vendor time. */
  at: string;
  /** queued, scheduled, sent, delivered or bounced. */
  lastEvent: string;
}

/** Mail to a local part that contains `bounce` comes back; everything else arrives. */
function bounces(mail: StoredMail): boolean {
  return mail.to.some((text) =>
    localPartOf(addressIn(text) ?? '')
      .toLowerCase()
      .includes('bounce'),
  );
}

/** How far a mail has come at the present vendor time. */
export function lastEvent(world: World, mail: StoredMail): string {
  const now = world.context.clock.now();
  const start = Math.max(mail.createdAt, mail.scheduledAt === null ? 0 : Date.parse(mail.scheduledAt));
  const delivery = world.options.deliveryMs ?? 2_000;
  if (now < start) return 'scheduled';
  if (now < start + delivery) return now < start + delivery / 2 ? 'queued' : 'sent';
  return bounces(mail) ? 'bounced' : 'delivered';
}

/** GET /emails/{id}; the list leaves the bodies out. */
export function mailView(world: World, mail: StoredMail, bodies: boolean): Record<string, unknown> {
  return {
    object: 'email',
    id: mail.id,
    message_id: `<${mail.id}@local-cloud.example>`,
    from: mail.from,
    to: mail.to,
    cc: mail.cc,
    bcc: mail.bcc,
    reply_to: mail.replyTo,
    subject: mail.subject,
    ...(bodies && { html: mail.html ?? null, text: mail.text ?? null, tags: mail.tags }),
    created_at: new Date(mail.createdAt).toISOString().replace('T', ' ').replace('Z', '+00'),
    scheduled_at: mail.scheduledAt,
    last_event: lastEvent(world, mail),
  };
}

/** For the inbox pages. */
export function inboxView(world: World, mail: StoredMail): Mail {
  const { id, from, to, cc, bcc, replyTo, subject, headers, html, text, createdAt } = mail;
  const bodies = { ...(html !== undefined && { html }), ...(text !== undefined && { text }) };
  const at = new Date(createdAt).toISOString();
  return { id, from, to, cc, bcc, replyTo, subject, headers, ...bodies, at, lastEvent: lastEvent(world, mail) };
}
