import { type ProvisionerError, troubleOf } from '../engine/errors.ts';
import { resultOf, type Stamped } from '../engine/events.ts';
import { gantt } from './gantt.ts';
import { summaryMarkdown } from './markdown.ts';
import type { Reporter } from './reporter.ts';
import { gather, headline, type RunSummary } from './summary.ts';
import { terminal } from './terminal.ts';

/** The job that a run is part of, as GitHub's runner offers it. */
export interface Job {
  /** Whole lines of the log. */
  log(text: string): void;
  /** An error on a line of a file, or on the job. */
  annotate(message: string, place: Place): void;
  setOutput(name: string, value: string): void;
  /** Markdown for the page of the run. */
  summarize(markdown: string): void;
}

export interface Place {
  readonly title?: string;
  readonly file?: string;
  readonly startLine?: number;
  readonly startColumn?: number;
}

/** A step shows 10 annotations of a kind and cuts each at 4,096 characters (actions/runner, ExecutionContext.cs). */
const ANNOTATIONS = 10;
/** 1 MiB a step, and nothing at all is shown of what is larger. */
const SUMMARY_BYTES = 960_000;
const WIDTH = 120;

/** Follows a run for GitHub: log lines as they come; annotations, summary and outputs at its end. */
export function actions(job: Job): Reporter {
  const gathering = gather();
  const screen = { columns: WIDTH, rows: 0 };
  const log = terminal(
    {
      write: (text) => job.log(inert(text)),
      size: () => screen,
      live: false,
      color: false,
      now: () => performance.now(),
    },
    { plans: 'full', verbose: false },
  );
  const outcomes: Stamped[] = [];
  return {
    event: (event) => {
      gathering.add(event);
      log.event(event);
      if (event.type === 'outcome') outcomes.push(event);
      if (event.type === 'run') finish(gathering.summary(), event.changed, job, gantt(outcomes));
    },
    end: () => log.end(),
  };
}

/** Tells what kept a run from beginning. */
export function reportError(thrown: ProvisionerError, job: Job): void {
  const [result, error] = [resultOf(thrown.class), troubleOf(thrown)];
  const summary: RunSummary = { result, error, problems: [], notices: [], agencies: [] };
  job.log(inert(`${headline(summary)}\n`));
  finish(summary, 0, job);
}

function finish(summary: RunSummary, changed: number, job: Job, chart = ''): void {
  for (const { message, place } of annotations(summary).slice(0, ANNOTATIONS)) job.annotate(message, place);
  job.summarize(`${summaryMarkdown(summary, SUMMARY_BYTES)}\n${chart}\n`);
  job.setOutput('changed', String(changed > 0));
  job.setOutput('result', summary.result);
  job.setOutput('summary', headline(summary));
}

function annotations({ error, problems, agencies }: RunSummary): { message: string; place: Place }[] {
  const whole = error ? [{ message: `${error.message}\n${error.remedy}`, place: { title: 'Provisioner' } }] : [];
  const ofFiles = problems.map(({ file, line, column, message, remedy }) => ({
    message: `${message}\n${remedy}`,
    place: { title: 'Manifest', file, startLine: line, startColumn: column },
  }));
  const ofAgencies = agencies.flatMap(({ slug, error: own }) =>
    own ? [{ message: `${own.message}\n${own.remedy}`, place: { title: slug, file: `agencies/${slug}.yaml` } }] : [],
  );
  return [...whole, ...ofFiles, ...ofAgencies];
}

/** The runner obeys lines that begin with `::` and anything after `##[`: what others wrote must not be obeyed. */
export function inert(text: string): string {
  return text.replace(/^(\s*):(?=:)/gm, '$1\\:').replaceAll('##[', '#\\#[');
}
