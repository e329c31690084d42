import type { ProvisionerError } from '../engine/errors.ts';
import type { ListedPull } from '../forge/branch-pulls.ts';
import { escapeMarkdown, fenced } from '../lib/markdown.ts';
import { oneLine } from '../lib/one-line.ts';
import { redact } from '../lib/redact.ts';
import { type AgencyRequest, sentenceOf } from './request.ts';

/** Begins the one comment of intake on an issue. */
export const ISSUE_MARKER = '<!-- agency-provisioner:intake -->';

/** Whoever has more to say says it in a conversation. */
const LONGEST_NOTES = 5_000;

/** Titles are no Markdown, but what they link and mention works in mails: the slug is ours. */
export function titleOf(slug: string): string {
  return `Onboard ${slug}`;
}

/** What whoever merges needs to know: who asked for what, and what merging does. */
export function bodyOf(request: AgencyRequest, slug: string): string {
  const { agencyName, ownerName, ownerEmail, region, notes } = request;
  const rows = [
    ['Agency', escapeMarkdown(agencyName)],
    ['Owner', `${escapeMarkdown(ownerName)}, ${escapeMarkdown(ownerEmail)}`],
    ['Region', region === undefined ? 'the fleet’s' : escapeMarkdown(region)],
    ['Request', originOf(request)],
    ['Manifest', `agencies/${slug}.yaml`],
  ];
  return [
    `An approved request for an agency with an instance of its own.`,
    ['| | |', '|--|--|', ...rows.map((cells) => `| ${cells.join(' | ')} |`)].join('\n'),
    `**Merging approves it**: the provisioner then creates the instance as the manifest says, and mails the owner how to sign in. Its slug, its uid and its region can never change afterwards; what is wrong is mended in the manifest before merging. **Closing declines it**: nothing is created, and the same request makes no second pull request.`,
    ...(notes === undefined ? [] : [`What the request says besides:\n\n${fenced(cut(notes))}`]),
    '',
  ].join('\n\n');
}

/** An issue closes with the merge. */
function originOf({ id, source }: AgencyRequest): string {
  return source.door === 'issue' ? `Closes #${source.number}` : escapeMarkdown(id);
}

/** Line by line, so that only what cannot be seen or reorders the text is lost. */
function cut(notes: string): string {
  const lines = notes.split(/\r\n?|\n/).map(oneLine);
  const text = redact(lines.join('\n').trim());
  return text.length <= LONGEST_NOTES ? text : `${text.slice(0, LONGEST_NOTES).replace(/\p{Surrogate}$/u, '')}…`;
}

/** What the issue is told of the pull request that it became. */
export function openedText(pull: Pick<ListedPull, 'number' | 'url' | 'merged'>): string {
  return pull.merged
    ? `${linkTo(pull)} was merged: the provisioner creates the instance, and the owner gets a mail when it is ready.`
    : `${linkTo(pull)} adds the agency. Merging it approves the request, closing it declines it.`;
}

/** What the issue is told when nothing came of it. */
export function refusedText(error: ProvisionerError): string {
  return escapeMarkdown(sentenceOf(error));
}

export function linkTo({ number, url }: Pick<ListedPull, 'number' | 'url'>): string {
  return `[Pull request ${number}](<${url.replace(/[<>\s]/g, encodeURIComponent)}>)`;
}
