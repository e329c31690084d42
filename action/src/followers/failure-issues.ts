import { classify, type ProvisionerError } from '../engine/errors.ts';
import { type Emit, resultOf } from '../engine/events.ts';
import type { Issues } from '../forge/forge.ts';
import { oneLine } from '../lib/one-line.ts';
import { redact } from '../lib/redact.ts';
import type { AgencyReport, RunReport } from '../outcome.ts';
import type { Followed, Follower } from '../ports.ts';
import { escapeMarkdown } from '../report/markdown.ts';

/** Beyond this many failures one issue tells of all of them: whoever gets a hundred mails reads none. */
const MOST = 20;
const [FLEET, RUN] = ['fleet', 'run'];

/** What went wrong, as people are told of it; already redacted. */
export interface Failure {
  readonly key: string;
  readonly title: string;
  readonly cause: string;
  readonly remedy: string;
}

/** An agency of the control room, as far as it counts for whether an issue about it may stay open. */
export interface Known {
  readonly uid: string;
  readonly isWell: boolean;
}

export interface FailureIssuesOptions {
  readonly issues: Issues;
  readonly emit: Emit;
  readonly runUrl: string;
  /** All agencies of the control room, as they are recorded. */
  known(): readonly Known[];
  /**
   * Tells the admins of a failure that no open issue tells of yet. It comes first: should the run die in between, the
   * next one says it again, and the mail is the same.
   */
  mail?(failure: Failure): Promise<void>;
}

/** Keeps an open issue for each agency that waits for a person, and closes it once it does no more. */
export function failureIssues(options: FailureIssuesOptions): Follower {
  const { issues, emit, known } = options;
  let followed: readonly Followed[] = [];
  return {
    begin: async (agencies) => {
      followed = agencies;
    },
    event: () => undefined,
    end: async (report) => {
      try {
        const failures = failuresOf(report, followed);
        const open = new Set((await issues.open()).map(({ key }) => key));
        for (const failure of failures) await raise(failure, open.has(failure.key), options);
        const raised = new Set(failures.map(({ key }) => key));
        for (const key of open) {
          if (raised.has(key) || !isOver(key, report, followed, known())) continue;
          await issues.close(key, `It is over: ${options.runUrl}`);
        }
      } catch (thrown) {
        emit({ type: 'notice', message: `the issues were not kept: ${classify(thrown).message}` });
      }
    },
  };
}

async function raise(failure: Failure, isKnown: boolean, { issues, emit, mail, runUrl }: FailureIssuesOptions) {
  if (!isKnown) {
    await mail?.(failure).catch((thrown: unknown) => {
      emit({ type: 'notice', message: `the admins were not mailed: ${classify(thrown).message}` });
    });
  }
  await issues.ensure({ key: failure.key, title: failure.title, body: bodyOf(failure, runUrl) });
}

/** What takes time comes right by itself: only what failed or waits for a decision is worth an issue. */
function failuresOf({ agencies, error }: RunReport, followed: readonly Followed[]): Failure[] {
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
        cause: redact(`${slugs}${first ? `; the first: ${first.message}` : ''}`),
        remedy: redact(first?.remedy ?? 'Look at the run.'),
      },
    ];
  }
  return failed.flatMap((one) => {
    const trouble = troubleOf(one);
    // One whose manifest has problems was never begun with: it has no uid that could be trusted.
    const uid = followed.find(({ slug }) => slug === one.slug)?.uid ?? one.slug;
    if (!trouble) return [failureOf(`agency/${uid}`, `${one.slug} ${one.result}`, undefined)];
    return [failureOf(`agency/${uid}`, `${one.slug} ${one.result}`, trouble)];
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
    cause: redact(oneLine(error?.message ?? 'its manifest has problems, which the run lists')),
    remedy: redact(oneLine(error?.remedy ?? 'Mend the manifest by a pull request.')),
  };
}

function bodyOf({ cause, remedy }: Failure, runUrl: string): string {
  return [
    `**What went wrong:** ${escapeMarkdown(cause)}`,
    `**What to do:** ${escapeMarkdown(remedy)}`,
    `Run by ${runUrl}. Running it again does only what is left. This issue is closed by the first run that finds it mended.`,
  ].join('\n\n');
}

function isOver(key: string, { agencies, error }: RunReport, followed: readonly Followed[], known: readonly Known[]) {
  if (key === RUN) return error === undefined;
  if (error) return false;
  if (key === FLEET) return agencies.every(({ result }) => result === 'done' || result === 'unchanged');
  const uid = /^agency\/(.+)$/.exec(key)?.[1];
  if (uid === undefined) return false;
  const slug = followed.find((one) => one.uid === uid)?.slug;
  const report = agencies.find((one) => one.slug === slug);
  if (report) return report.result === 'done' || report.result === 'unchanged';
  const agency = known.find((one) => one.uid === uid);
  return agency === undefined || agency.isWell;
}
