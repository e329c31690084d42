import { parse } from 'yaml';
import { z } from 'zod';
import { noContent, notFound, unprocessable } from '../answers.ts';
import { record } from '../events.ts';
import { resolveCommit } from '../git/refs.ts';
import { type RepositoryCall, type Route, repositoryRoute } from '../router.ts';

/** https://docs.github.com/rest/repos/repos#create-a-repository-dispatch-event */
const MAX_PAYLOAD = 65_535;
const dispatchBody = z.strictObject({
  event_type: z.string().min(1).max(100),
  client_payload: z.record(z.string(), z.unknown()).default({}),
});

const workflowBody = z.strictObject({
  ref: z.string().min(1),
  inputs: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
});

const inputs = z.record(
  z.string(),
  z.looseObject({ required: z.boolean().optional(), default: z.unknown().optional() }).nullable(),
);
const workflow = z.looseObject({ on: z.unknown() });

export const dispatchRoutes: readonly Route[] = [
  repositoryRoute('POST', '/dispatches', { access: 'contents:write', body: dispatchBody }, async (call) => {
    const { world, repository, actor } = call;
    const { event_type: action, client_payload: payload } = call.body;
    const properties = Object.keys(payload).length;
    if (properties > 10)
      throw unprocessable(`Invalid request.\n\nNo more than 10 properties are allowed; ${properties} were supplied.`);
    if (JSON.stringify(payload).length > MAX_PAYLOAD) throw unprocessable('client_payload is too large.');
    const told = { action, branch: repository.defaultBranch, client_payload: payload };
    await record(world, repository, actor, { name: 'repository_dispatch', payload: told });
    return noContent();
  }),

  repositoryRoute(
    'POST',
    '/actions/workflows/{workflow}/dispatches',
    { access: 'actions:write', body: workflowBody },
    async (call) => {
      const { world, repository, git, actor, body } = call;
      const sha = await resolveCommit(git, body.ref);
      if (sha === undefined) throw unprocessable(`No ref found for: ${body.ref}`);
      const path = `.github/workflows/${call.params.workflow}`;
      const given = await checkedInputs(call, `${sha}:${path}`);
      const ref = body.ref.startsWith('refs/') ? body.ref : `refs/heads/${body.ref}`;
      const payload = { inputs: given, ref, workflow: path };
      await record(world, repository, actor, { name: 'workflow_dispatch', payload, run: { ref, sha } });
      return noContent();
    },
  ),
];

/** The inputs as the run gets them: all text, with the workflow's own defaults. */
async function checkedInputs(call: RepositoryCall<'workflow', z.output<typeof workflowBody>>, file: string) {
  const { git, body } = call;
  const object = await git.object(file);
  if (object?.type !== 'blob') throw notFound();
  const trigger = dispatchTrigger(object.content.toString());
  if (trigger === undefined) throw unprocessable("Workflow does not have 'workflow_dispatch' trigger");
  const unexpected = Object.keys(body.inputs).filter((name) => !Object.hasOwn(trigger, name));
  if (unexpected.length > 0) throw unprocessable(`Unexpected inputs provided: ${JSON.stringify(unexpected)}`);
  const all = Object.entries(trigger).map(([name, about]) => ({
    name,
    about,
    value: body.inputs[name] ?? about?.default,
  }));
  const missing = all.find(({ about, value }) => about?.required === true && value === undefined);
  if (missing !== undefined) throw unprocessable(`Required input '${missing.name}' not provided`);
  return Object.fromEntries(all.map(({ name, value }) => [name, String(value ?? '')]));
}

/** What `on.workflow_dispatch.inputs` says; undefined when the workflow cannot be dispatched. */
function dispatchTrigger(yaml: string): z.output<typeof inputs> | undefined {
  const on = workflow.safeParse(parse(yaml)).data?.on;
  const names = Array.isArray(on) ? on : [on];
  if (names.includes('workflow_dispatch')) return {};
  const asMap = z
    .looseObject({ workflow_dispatch: z.looseObject({ inputs: inputs.nullish() }).nullable() })
    .safeParse(on);
  return asMap.success ? (asMap.data.workflow_dispatch?.inputs ?? {}) : undefined;
}
