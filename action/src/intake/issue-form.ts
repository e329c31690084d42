import { ManifestError } from '../engine/errors.ts';

/** The label by which a maintainer approves an issue; the form cannot give it. */
export const APPROVED_LABEL = 'agency-approved';

/** What the form `.github/ISSUE_TEMPLATE/agency.yml` asks for, by the labels of its fields. */
export interface IssueForm {
  readonly agencyName: string;
  readonly ownerName: string;
  readonly ownerEmail: string;
  readonly region?: string;
  readonly notes?: string;
}

const NOTES = 'Notes';
const LABELS: readonly string[] = ['Agency name', 'Owner name', 'Owner email', 'Region', NOTES];
/** What GitHub writes for a field that was left empty, and what our form offers as a region for "the fleet's". */
const NOTHING = ['', '_No response_'];
const NO_REGION = 'default';

/**
 * Reads the Markdown that GitHub makes of an issue form: a heading of the third level for each field, and its answer
 * below. The notes are the form's last and only long field, so everything behind their heading is theirs, whatever it
 * looks like. A field that stands there twice is refused: what reviewers saw would not be certain.
 * https://docs.github.com/en/communities/using-templates-to-encourage-useful-issues-and-pull-requests/syntax-for-issue-forms
 *
 * Throws ManifestError, naming the field.
 */
export function readIssueForm(body: string): IssueForm {
  const answers = answersIn(body.replace(/\r\n?/g, '\n').split('\n'));
  const answer = (label: string) => {
    const text = answers.get(label)?.join('\n').trim() ?? '';
    return NOTHING.includes(text) ? undefined : text;
  };
  const needed = (label: string) => answer(label) ?? missing(label);
  const [region, notes] = [answer('Region'), answer(NOTES)];
  return {
    agencyName: needed('Agency name'),
    ownerName: needed('Owner name'),
    ownerEmail: needed('Owner email'),
    ...(region !== undefined && region.toLowerCase() !== NO_REGION && { region }),
    ...(notes !== undefined && { notes }),
  };
}

function answersIn(lines: readonly string[]): ReadonlyMap<string, string[]> {
  const answers = new Map<string, string[]>();
  let label: string | undefined;
  for (const line of lines) {
    const heading = label === NOTES ? undefined : labelOf(line);
    if (heading === undefined) {
      if (label !== undefined) answers.get(label)?.push(line);
      continue;
    }
    if (answers.has(heading)) throw twice(heading);
    answers.set(heading, []);
    label = heading;
  }
  return answers;
}

function labelOf(line: string): string | undefined {
  const [, text] = /^### (.*?)\s*$/.exec(line) ?? [];
  return LABELS.find((label) => label === text);
}

function missing(label: string): never {
  throw new ManifestError(
    `the issue does not say "${label}"`,
    `Edit the issue so that it has a line "### ${label}" with the answer below it, then take the label ${APPROVED_LABEL} off and put it on again.`,
  );
}

function twice(label: string): ManifestError {
  return new ManifestError(
    `the issue has the field "${label}" twice, so nobody could tell which one was approved`,
    `Edit the issue so that "### ${label}" stands there once, then take the label ${APPROVED_LABEL} off and put it on again.`,
  );
}
