import { z } from 'zod';
import { json } from '../../answers.ts';
import { notAccessible } from '../actors.ts';
import { wantedCommit } from '../acts/commits.ts';
import { notFound, slice, unprocessable } from '../answers.ts';
import { record } from '../events.ts';
import { type RepositoryCall, type Route, repositoryRoute } from '../router.ts';
import type { CheckRun } from '../state.ts';
import { annotationLevels, checkStatuses, conclusions } from '../state-reports.ts';
import { checkView } from '../views/checks.ts';
import { appOf } from '../views/common.ts';
import { sha } from './shapes.ts';

/** https://docs.github.com/rest/checks/runs: 50 annotations a request, texts of 65,535 characters. */
const MAX_ANNOTATIONS = 50;
const MAX_TEXT = 65_535;

const annotation = z
  .strictObject({
    path: z.string().min(1),
    start_line: z.int().min(1),
    end_line: z.int().min(1),
    start_column: z.int().min(1).optional(),
    end_column: z.int().min(1).optional(),
    annotation_level: z.enum(annotationLevels),
    message: z
      .string()
      .min(1)
      .max(64 * 1024),
    title: z.string().max(255).optional(),
    raw_details: z
      .string()
      .max(64 * 1024)
      .optional(),
  })
  .refine((one) => one.end_line >= one.start_line, { error: 'ends before it starts' })
  .refine((one) => one.start_line === one.end_line || (one.start_column ?? one.end_column) === undefined, {
    error: 'has columns although it spans lines',
  });

const output = z.strictObject({
  title: z.string().min(1),
  summary: z.string().max(MAX_TEXT),
  text: z.string().max(MAX_TEXT).optional(),
  annotations: z.array(annotation).optional(),
});

const date = z.iso.datetime({ offset: true });
const fields = {
  details_url: z.url().optional(),
  external_id: z.string().optional(),
  started_at: date.optional(),
  status: z.enum(checkStatuses).optional(),
  conclusion: z.enum(conclusions).optional(),
  completed_at: date.optional(),
};
const createBody = z.strictObject({ name: z.string().min(1), head_sha: sha, output: output.optional(), ...fields });
const updateBody = z.strictObject({ name: z.string().min(1).optional(), output: output.optional(), ...fields });

/** Checks belong to apps: each sees all, and changes its own. */
export const checkRoutes: readonly Route[] = [
  repositoryRoute('POST', '/check-runs', { access: 'checks:write', body: createBody }, async (call) => {
    const { world, repository, git, actor, body } = call;
    await wantedCommit(git, body.head_sha, unprocessable(`No commit found for SHA: ${body.head_sha}`));
    const run: CheckRun = {
      id: world.nextId(),
      name: body.name,
      headSha: body.head_sha,
      app: appOf(actor.login) ?? '',
      externalId: '',
      detailsUrl: null,
      status: 'queued',
      conclusion: null,
      startedAt: world.now(),
      completedAt: null,
      title: null,
      summary: null,
      text: null,
      annotations: [],
    };
    change(call, run, body);
    repository.checkRuns.push(run);
    await tell(call, run, 'created');
    return json(201, checkView(world, repository, run));
  }),

  repositoryRoute('PATCH', '/check-runs/{id}', { access: 'checks:write', body: updateBody }, async (call) => {
    const run = wantedRun(call);
    if (run.app !== appOf(call.actor.login)) throw notAccessible('checks:write');
    const wasCompleted = run.status === 'completed';
    change(call, run, call.body);
    if (!wasCompleted && run.status === 'completed') await tell(call, run, 'completed');
    return json(200, checkView(call.world, call.repository, run));
  }),

  repositoryRoute('GET', '/check-runs/{id}', { access: 'checks:read' }, (call) => {
    return json(200, checkView(call.world, call.repository, wantedRun(call)));
  }),

  repositoryRoute('GET', '/check-runs/{id}/annotations', { access: 'checks:read' }, (call) => {
    const run = wantedRun(call);
    const { items, headers } = slice(run.annotations, call.url);
    return json(
      200,
      items.map((one) => ({
        ...one,
        blob_href: `${call.world.base}/${call.repository.name}/blob/${run.headSha}/${one.path}`,
      })),
      headers,
    );
  }),

  repositoryRoute('GET', '/commits/{ref}/check-runs', { access: 'checks:read' }, async (call) => {
    const { world, repository, git, params, url } = call;
    const commit = await wantedCommit(git, params.ref, unprocessable(`No commit found for SHA: ${params.ref}`));
    const runs = select(
      repository.checkRuns.filter(({ headSha }) => headSha === commit.sha),
      url.searchParams,
    );
    const { items, headers } = slice(runs, url);
    return json(
      200,
      { total_count: runs.length, check_runs: items.map((run) => checkView(world, repository, run)) },
      headers,
    );
  }),
];

type Wish = z.output<typeof updateBody>;

function change({ world }: RepositoryCall, run: CheckRun, wish: Wish): void {
  const { conclusion, output: shown } = wish;
  if (wish.status === 'completed' && conclusion === undefined && run.conclusion === null) {
    throw unprocessable('Invalid request.\n\n"conclusion" wasn\'t supplied.');
  }
  run.name = wish.name ?? run.name;
  run.detailsUrl = wish.details_url ?? run.detailsUrl;
  run.externalId = wish.external_id ?? run.externalId;
  run.startedAt = wish.started_at ?? run.startedAt;
  if (shown !== undefined) show(run, shown);
  if (conclusion !== undefined) {
    run.conclusion = conclusion;
    run.status = 'completed';
    run.completedAt = wish.completed_at ?? world.now();
  } else if (wish.status !== undefined) {
    run.status = wish.status;
    if (wish.status !== 'completed') Object.assign(run, { conclusion: null, completedAt: null });
  }
}

/** Each request's annotations are added to those before. */
function show(run: CheckRun, { title, summary, text, annotations = [] }: z.output<typeof output>): void {
  if (annotations.length > MAX_ANNOTATIONS) {
    throw unprocessable(
      `Invalid request.\n\nNo more than ${MAX_ANNOTATIONS} items are allowed; ${annotations.length} were supplied.`,
    );
  }
  Object.assign(run, { title, summary, text: text ?? run.text });
  run.annotations.push(
    ...annotations.map((one) => ({
      ...one,
      start_column: one.start_column ?? null,
      end_column: one.end_column ?? null,
      title: one.title ?? null,
      raw_details: one.raw_details ?? null,
    })),
  );
}

function wantedRun({ repository, params }: RepositoryCall<'id'>): CheckRun {
  const run = repository.checkRuns.find(({ id }) => String(id) === params.id);
  if (run === undefined) throw notFound();
  return run;
}

function select(runs: readonly CheckRun[], query: URLSearchParams): CheckRun[] {
  const [name, status] = [query.get('check_name'), query.get('status')];
  const newestFirst = runs
    .filter((run) => name === null || run.name === name)
    .filter((run) => status === null || run.status === status)
    .toReversed();
  if (query.get('filter') === 'all') return newestFirst;
  return newestFirst.filter(
    (run, at) => newestFirst.findIndex((one) => one.name === run.name && one.app === run.app) === at,
  );
}

function tell({ world, repository, actor }: RepositoryCall, run: CheckRun, action: string): Promise<void> {
  return record(world, repository, actor, {
    name: 'check_run',
    payload: { action, check_run: checkView(world, repository, run) },
  });
}
