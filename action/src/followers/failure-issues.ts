import { classify, type ProvisionerError } from '../engine/errors.ts';
import { type Emit, resultOf } from '../engine/events.ts';
import type { Issues } from '../forge/forge.ts';
import { oneLine } from '../lib/one-line.ts';
import type { AgencyReport, RunReport } from '../outcome.ts';
import type { Follower } from '../ports.ts';
import { escapeMarkdown } from '../report/markdown.ts';

/** Beyond this many failures one issue tells of all of them: whoever gets a hundred mails reads none. */
const MOST = 20;
const [FLEET, RUN] = ['fleet', 'run'];

/** Stands in an issue whose failure the admins could not be told of. */
const UNMAILED = '<!-- the admins were not mailed -->';

/** What went wrong, as people are told of it. */
export interface Failure {
  readonly key: string;
  readonly title: string;
  readonly cause: string;
  readonly remedy: string;
}

/** An agency of the control room, as far as it counts for whether an issue about it may stay open. */
export interface Known {
  readonly slug: string;
  readonly uid: string;
  /** As it is recorded; one whose manifest has problems is not. */
  readonly isWell: boolean;
}

export interface FailureIssuesOptions {
  readonly issues: Issues;
  readonly emit: Emit;
  readonly runUrl: string;
  /** All agencies of the control room, as the run found them. */
  known(): readonly Known[];
  /**
   * Tells the admins of a failure that no open issue tells of yet. It comes first: should the run die in between, the
   * next one says it again, and the mail is the same. Where it fails, the issue keeps that in mind.
   */
  mail?(failure: Failure): Promise<void>;
}

/** Keeps an open issue for each agency that waits for a person, and closes it once it does no more. */
export function failureIssues(options: FailureIssuesOptions): Follower {
  const { issues, emit, known, runUrl } = options;
  // What cannot be said of one keeps nobody else from being told of.
  const kept = (what: string, work: Promise<unknown>) =>
    work.catch((thrown: unknown) => {
      emit({ type: 'notice', message: `${what} not kept: ${classify(thrown).message}` });
    });
  const keep = async (report: RunReport) => {
    const all = known();
    const failures = failuresOf(report, all);
    const open = new Map((await issues.open()).map(({ key, body }) => [key, body]));
    for (const failure of failures) {
      const isTold = open.get(failure.key)?.includes(UNMAILED) === false;
      await kept(`the issue about ${failure.title} was`, raise(failure, isTold, options));
    }
    const raised = new Set(failures.map(({ key }) => key));
    for (const key of open.keys()) {
      if (raised.has(key) || !isOver(key, report, all, raised)) continue;
      await kept(`the issue about ${key} was`, issues.close(key, `It is over: ${runUrl}`));
    }
  };
  return {
    begin: async () => undefined,
    event: () => undefined,
    end: async (report) => void (await kept('the issues were', keep(report))),
  };
}

async function raise(failure: Failure, isTold: boolean, { issues, emit, mail, runUrl }: FailureIssuesOptions) {
  let isMailed = true;
  if (!isTold) {
    await mail?.(failure).catch((thrown: unknown) => {
      isMailed = false;
      emit({ type: 'notice', message: `the admins were not mailed: ${classify(thrown).message}` });
    });
  }
  await issues.ensure({ key: failure.key, title: failure.title, body: bodyOf(failure, runUrl, isMailed) });
}

/** What takes time comes right by itself: only what failed or waits for a decision is worth an issue. */
function failuresOf({ agencies, error }: RunReport, known: readonly Known[]): Failure[] {
  if (error) {
    return isWorthIt(error) ? [failureOf(RUN, 'The provisioner does not get to work', error)] : [];
  }
  const failed = agencies.filter(({ result }) => result === 'failed' || result === 'blocked');
  if (failed.length > MOST) {
    const slugs = failed.map(({ slug }) => slug).join(', ');
    const [first] = failed.flatMap((one) => troubleOf(one) ?? []);
    return [
      {
        key: FLEET,
        title: `${failed.length} agencies failed`,
        cause: `${slugs}${first ? `; the first: ${first.message}` : ''}`,
        remedy: first?.remedy ?? 'Look at the run.',
      },
    ];
  }
  return failed.map((one) => {
    const uid = known.find(({ slug }) => slug === one.slug)?.uid ?? one.slug;
    return failureOf(`agency/${uid}`, `${one.slug} ${one.result}`, troubleOf(one));
  });
}

function isWorthIt({ class: kind }: ProvisionerError): boolean {
  return resultOf(kind) !== 'waiting';
}

function troubleOf({ error, execution, result }: AgencyReport): ProvisionerError | undefined {
  const errors = execution?.outcomes.flatMap((outcome) => outcome.error ?? []) ?? [];
  return error ?? errors.find((one) => resultOf(one.class) === result) ?? errors[0];
}

function failureOf(key: string, title: string, error: ProvisionerError | undefined): Failure {
  return {
    key,
    title,
    cause: oneLine(error?.message ?? 'its manifest has problems, which the run lists'),
    remedy: oneLine(error?.remedy ?? 'Mend the manifest by a pull request.'),
  };
}

function bodyOf({ cause, remedy }: Failure, runUrl: string, isMailed: boolean): string {
  return [
    `**What went wrong:** ${escapeMarkdown(cause)}`,
    `**What to do:** ${escapeMarkdown(remedy)}`,
    `Run by ${runUrl}. Running it again does only what is left. This issue is closed by the first run that finds it mended.`,
    ...(isMailed ? [] : [UNMAILED]),
  ].join('\n\n');
}

function isOver(key: string, report: RunReport, known: readonly Known[], raised: ReadonlySet<string>): boolean {
  if (report.error) return false;
  if (key === RUN) return true;
  // What one issue told of is over when each agency is well, or has an issue of its own by now.
  if (key === FLEET) return known.every((one) => raised.has(`agency/${one.uid}`) || isWellAfter(one, report));
  const name = /^agency\/(.+)$/.exec(key)?.[1];
  if (name === undefined) return false;
  // One whose uid could not be read was called by its slug.
  const agency = known.find(({ uid, slug }) => uid === name || slug === name);
  return agency === undefined || isWellAfter(agency, report);
}

function isWellAfter({ slug, isWell }: Known, { agencies }: RunReport): boolean {
  const report = agencies.find((one) => one.slug === slug);
  return report ? report.result === 'done' || report.result === 'unchanged' : isWell;
}
