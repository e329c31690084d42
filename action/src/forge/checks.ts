import * as z from 'zod';
import { isAmbiguous } from '../engine/errors.ts';
import { hasStatus } from '../providers/failure.ts';
import { apiOf } from './api.ts';
import type { Annotation, Check, Checks } from './forge.ts';
import type { Repository } from './github.ts';

const run = z.object({
  id: z.number(),
  status: z.string().catch(''),
  output: z.object({ annotations_count: z.number().catch(0) }).catch({ annotations_count: 0 }),
});
type Run = z.output<typeof run>;

/** https://docs.github.com/en/rest/checks/runs#update-a-check-run */
const ANNOTATIONS = 50;
const LONGEST_TITLE = 255;

/**
 * https://docs.github.com/en/rest/checks/runs. Of several with one name GitHub shows the newest of each app. Annotations
 * can only be added: a check that has some and needs others is made anew.
 */
export function checks(repository: Repository): Checks {
  const api = apiOf(repository, 'checks');
  const newest = async ({ sha, name }: Check): Promise<Run | undefined> => {
    const [first] = await api.all(
      {
        operation: `read the checks of ${sha}`,
        path: `/commits/${sha}/check-runs`,
        query: { check_name: name, filter: 'latest' },
        schema: run,
      },
      'check_runs',
    );
    return first;
  };
  const create = async (check: Check, body: object): Promise<Run> => {
    const known = (await newest(check))?.id;
    try {
      return await api.make({
        operation: `make the check ${check.name}`,
        path: '/check-runs',
        body: { name: check.name, head_sha: check.sha, ...body },
        schema: run,
      });
    } catch (thrown) {
      const made = isAmbiguous(thrown) ? await newest(check) : undefined;
      if (!made || made.id === known) throw thrown;
      return made;
    }
  };
  /** `undefined`: it is not ours to change. */
  const change = async (id: number, body: object): Promise<Run | undefined> => {
    const question = { operation: 'change the check', method: 'PATCH', path: `/check-runs/${id}`, body } as const;
    try {
      return await api.make({ ...question, repeatable: true, schema: run });
    } catch (thrown) {
      if (hasStatus(thrown, 403, 404)) return undefined;
      throw thrown;
    }
  };

  return {
    finish: async (check) => {
      const there = await newest(check);
      if (there && there.status !== 'completed') await change(there.id, bodyOf(check, []));
    },
    ensure: async (check) => {
      const [first = [], ...more] = batches(check.annotations ?? []);
      const body = bodyOf(check, first);
      const there = await newest(check);
      const fits = there && (first.length === 0 || there.output.annotations_count === 0);
      const { id } = (fits && (await change(there.id, body))) || (await create(check, body));
      for (const batch of more) {
        await api.make({
          operation: 'annotate',
          method: 'PATCH',
          path: `/check-runs/${id}`,
          body: bodyOf(check, batch),
          schema: run,
        });
      }
    },
  };
}

function bodyOf({ conclusion, title, summary }: Check, annotations: readonly Annotation[]) {
  return {
    ...(conclusion === undefined ? { status: 'in_progress' } : { status: 'completed', conclusion }),
    output: {
      title: title.slice(0, LONGEST_TITLE),
      summary,
      ...(annotations.length > 0 && { annotations: annotations.map(annotationOf) }),
    },
  };
}

function annotationOf({ path, startLine, endLine, level, title, message }: Annotation) {
  return {
    path,
    start_line: startLine,
    end_line: endLine,
    annotation_level: level,
    title: title.slice(0, LONGEST_TITLE),
    message,
  };
}

function batches(annotations: readonly Annotation[]): Annotation[][] {
  const count = Math.ceil(annotations.length / ANNOTATIONS);
  return Array.from({ length: count }, (_, at) => annotations.slice(at * ANNOTATIONS, (at + 1) * ANNOTATIONS));
}
