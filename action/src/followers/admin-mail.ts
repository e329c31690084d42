import { sha256 } from '../lib/digest.ts';
import { oneLine } from '../lib/one-line.ts';
import type { Mail, Resend } from '../providers/resend/client.ts';
import type { Failure } from './failure-issues.ts';

export interface AdminMailOptions {
  readonly resend: Pick<Resend, 'send'>;
  readonly from: string;
  /** Where answers go: an address. */
  readonly support: string;
  readonly admins: readonly string[];
  readonly runUrl: string;
}

/**
 * Tells each admin of a failure, once a day at most for the same one: the key names the failure and not the run, so a
 * rerun that says it again sends nothing. It carries no secret, and no link but that of the run.
 */
export function adminMail({ resend, admins, ...about }: AdminMailOptions): (failure: Failure) => Promise<void> {
  return async (failure) => {
    for (const to of admins) {
      const key = `admin:${sha256(JSON.stringify([to, failure.key, failure.cause]))}`;
      await resend.send(mailOf(failure, to, about), key, 'mail an admin');
    }
  };
}

function mailOf(
  { title, cause, remedy }: Failure,
  to: string,
  { from, support, runUrl }: Omit<AdminMailOptions, 'resend' | 'admins'>,
): Mail {
  const lines = [
    ['What went wrong', cause],
    ['What to do', remedy],
    ['The run', runUrl],
  ] as const;
  return {
    from,
    to,
    replyTo: support,
    subject: oneLine(title).slice(0, 150),
    text: `${lines.map(([name, value]) => `${name}: ${value}`).join('\n\n')}\n`,
    html: lines.map(([name, value]) => `<p><strong>${name}:</strong> ${escapeHtml(value)}</p>`).join('\n'),
  };
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
