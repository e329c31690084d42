import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readWorkflows, root } from '../../local-cloud/runner/workflows.ts';
import { actionlint, complaints, languageService } from './linters.ts';

const workflows = readWorkflows().map((workflow) => [workflow.file, workflow] as const);

/** A workflow with one bad line, which every linter gets to see. */
function sample(line: string): string {
  const head = 'name: sample\non: pull_request\npermissions: {}\njobs:\n  one:\n    runs-on: ubuntu-24.04\n';
  return `${head}    steps:\n      - uses: ./action\n${line}`;
}

describe('actionlint', () => {
  /** What this build of it (1.7.7) does not know yet, and why that is no mistake of ours. */
  const ALLOWED: readonly (readonly [message: RegExp, reason: string])[] = [
    [/unexpected key "queue" for "concurrency" section/, 'concurrency.queue is of 2026-05-07'],
    [/unexpected key "deployment" for "environment" section/, 'environment.deployment is of 2026-03'],
  ];
  const isAllowed = (message: string) => ALLOWED.some(([allowed]) => allowed.test(message));

  it.each(workflows)('finds nothing in %s', async (file, { text }) => {
    expect((await actionlint(file, text)).filter((message) => !isAllowed(message))).toEqual([]);
  });

  it.each(ALLOWED)('still does not know that %s: %s', async (allowed) => {
    const said = (await Promise.all(workflows.map(([file, { text }]) => actionlint(file, text)))).flat();
    expect(
      said.some((message) => allowed.test(message)),
      'it knows it by now: take it off the list',
    ).toBe(true);
  });

  it.each([
    ['        wiht: { command: plan }', 'unexpected key "wiht"'],
    [`      - run: echo \${{ github.event.pull_request.title }}`, 'potentially untrusted'],
    ['    permissions: { contents: rite }', 'is invalid'],
    ['    needs: [two]', 'two'],
  ])('would find %s', async (line, message) => {
    const said = await actionlint('.github/workflows/sample.yml', sample(line));
    expect(said.filter((one) => !isAllowed(one)).join('\n')).toContain(message);
  });
});

describe('GitHub’s language service', () => {
  let service: Awaited<ReturnType<typeof languageService>>;
  beforeAll(async () => {
    service = await languageService();
  });

  it.each(workflows)('finds nothing in %s', async (file, { text }) => {
    expect(await complaints(service, file, text)).toEqual([]);
  });

  it('finds nothing in action/action.yml', async () => {
    const text = readFileSync(join(root, 'action/action.yml'), 'utf8');
    expect(await complaints(service, 'action/action.yml', text)).toEqual([]);
    const broken = text.replace('using: node24', 'using: node99');
    expect(await complaints(service, 'action/action.yml', broken)).not.toEqual([]);
  });

  it.each([
    ['        with: { comand: plan }', 'comand'],
    ['    permissions: { content: read }', 'content'],
    ['      - uses: actions/checkout@v7', 'actions/checkout@v7'],
    ['    concurrency: { group: a, queue: most }', 'most'],
    ['    if: githib.ref == 1', 'githib'],
  ])('would find %s', async (line, message) => {
    expect((await complaints(service, '.github/workflows/sample.yml', sample(line))).join('\n')).toContain(message);
  });

  it.each(workflows)('turns %s into what GitHub runs', async (file, { text, content }) => {
    const { parseWorkflow, convertWorkflowTemplate, NoOperationTraceWriter } = service;
    const { context, value } = parseWorkflow({ name: file, content: text }, new NoOperationTraceWriter());
    expect(context.errors.getErrors().map(({ message }) => message)).toEqual([]);
    if (value === undefined) throw new Error(`${file} is empty`);
    const template = await convertWorkflowTemplate(context, value);
    expect(template.errors ?? []).toEqual([]);
    expect(template.jobs.map(({ id }) => id.value)).toEqual(Object.keys(content.jobs));
  });

  it('refuses what GitHub would refuse', () => {
    const broken = { name: 'sample.yml', content: sample('    nonsense: true') };
    const { context } = service.parseWorkflow(broken, new service.NoOperationTraceWriter());
    expect(context.errors.getErrors()).not.toEqual([]);
  });
});
