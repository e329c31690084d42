import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { idOfDispatch } from '../../action/src/intake/dispatch.ts';
import { REGIONS } from '../../action/src/manifest/fields.ts';
import { jobsOf, readWorkflows, root } from '../../local-cloud/runner/workflows.ts';

const run = promisify(execFile);
const text = (file: string) => readFileSync(join(root, file), 'utf8');

describe('docs/ruleset.json', () => {
  const ruleset = text('docs/ruleset.json');

  /** What the compiler says when the JSON stands where GitHub's OpenAPI document wants a new ruleset. */
  async function compiled(json: string): Promise<string> {
    await mkdir(join(root, '.cache'), { recursive: true });
    const folder = await mkdtemp(join(root, '.cache', 'ruleset-'));
    try {
      const file = join(folder, 'ruleset.ts');
      const body = "operations['repos/create-repo-ruleset']['requestBody']['content']['application/json']";
      await writeFile(
        file,
        `import type { operations } from '@octokit/openapi-types';\nexport const ruleset: ${body} = ${json};\n`,
      );
      const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
      const flags = ['--noEmit', '--strict', '--skipLibCheck', '--types', '', '--module', 'nodenext', '--ignoreConfig'];
      return await run(process.execPath, [tsc, ...flags, file]).then(
        () => '',
        (failure: { stdout: string }) => failure.stdout,
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  it('is what GitHub takes for a new ruleset', async () => {
    expect(await compiled(ruleset)).toBe('');
  });

  it.each([
    ['"squash"', '"fast-forward"'],
    ['"enforcement": "active"', '"enforcement": "on"'],
    ['"dismiss_stale_reviews_on_push": true,', ''],
    ['"context": "plan"', '"name": "plan"'],
  ])('with %s made %s it would not be', async (before, after) => {
    expect(ruleset).toContain(before);
    expect(await compiled(ruleset.replace(before, after))).toContain('error TS');
  });

  it('asks for checks that jobs give, on every pull request', () => {
    const { rules } = z
      .object({ rules: z.array(z.looseObject({ type: z.string(), parameters: z.looseObject({}).optional() })) })
      .parse(JSON.parse(ruleset));
    const asked = z
      .array(z.object({ context: z.string(), integration_id: z.number() }))
      .parse(rules.find(({ type }) => type === 'required_status_checks')?.parameters?.required_status_checks);
    const given = readWorkflows()
      .filter(({ content: { on } }) => typeof on === 'object' && !Array.isArray(on) && 'pull_request' in on)
      .filter(({ content: { on } }) => !JSON.stringify(on).includes('paths'))
      .flatMap((workflow) => jobsOf(workflow).map(([name]) => name));
    expect(asked).not.toEqual([]);
    expect(given).toEqual(expect.arrayContaining(asked.map(({ context }) => context)));
  });

  it('lets nobody merge by rebase: apply looks for what was reviewed between one commit and its first parent', () => {
    expect(ruleset).not.toContain('rebase');
  });
});

describe('the issue form', () => {
  const attributes = z.looseObject({ label: z.string(), options: z.array(z.string()).optional() });
  const field = z.strictObject({
    type: z.enum(['input', 'textarea', 'dropdown', 'checkboxes']),
    id: z.string().regex(/^[A-Za-z0-9_-]+$/),
    attributes,
    validations: z.strictObject({ required: z.boolean() }).optional(),
  });
  const note = z.strictObject({ type: z.literal('markdown'), attributes: z.strictObject({ value: z.string() }) });
  const form = z.strictObject({
    name: z.string(),
    description: z.string(),
    title: z.string(),
    labels: z.array(z.string()),
    body: z.array(z.union([note, field])),
  });
  const read = form.parse(parse(text('.github/ISSUE_TEMPLATE/agency.yml')));
  const fields = read.body.filter((part): part is z.output<typeof field> => part.type !== 'markdown');

  it('asks for what a manifest needs, each under a heading of its own', () => {
    expect(
      fields.map(({ id, attributes: { label }, validations }) => [id, label, validations?.required ?? false]),
    ).toEqual([
      ['name', 'Agency name', true],
      ['owner-name', 'Owner name', true],
      ['owner-email', 'Owner email', true],
      ['region', 'Region', true],
      ['notes', 'Notes', false],
    ]);
  });

  it('offers the regions that a manifest may name', () => {
    expect(fields.find(({ id }) => id === 'region')?.attributes.options).toEqual(['Default', ...REGIONS]);
  });

  it('gives no label that approves', () => {
    expect(read.labels).toEqual(['agency-request']);
    const intake = readWorkflows().find(({ content }) => content.name === 'intake');
    for (const label of read.labels) expect(intake?.text).not.toContain(`'${label}'`);
  });
});

describe('CODEOWNERS', () => {
  const lines = text('.github/CODEOWNERS')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(/\s+/));

  /** The last pattern that fits decides; of GitHub's patterns only those that stand in the file are known here. */
  function ownersOf(path: string): string[] {
    const fitting = lines.filter(([pattern = '']) => {
      if (pattern === '*') return true;
      if (pattern.endsWith('/')) return `/${path}`.startsWith(pattern);
      const parts = pattern.split('*').map((part) => part.replace(/[.\\]/g, '\\$&'));
      return new RegExp(`^${parts.join('[^/]*')}$`).test(`/${path}`);
    });
    return fitting.at(-1)?.slice(1) ?? [];
  }

  const machinery = ownersOf('action/src/run.ts');

  it.each([
    'fleet.yaml',
    'action/dist/index.js',
    '.github/workflows/apply.yml',
    '.github/CODEOWNERS',
    'migrations/agency/20260101000000_foundation.sql',
    'migrations/control-plane/20260101000000_requests.sql',
    'agencies/agency.schema.json',
  ])('%s belongs to those who keep the machinery', (path) => {
    expect(machinery).not.toEqual([]);
    expect(ownersOf(path)).toEqual(machinery);
  });

  it('a manifest belongs to those who approve agencies', () => {
    expect(ownersOf('agencies/acme-studio.yaml')).not.toEqual(machinery);
    expect(ownersOf('agencies/acme-studio.yaml')).not.toEqual([]);
  });

  it('names owners as GitHub reads them', () => {
    for (const [, ...owners] of lines) for (const owner of owners) expect(owner).toMatch(/^@[\w-]+(\/[\w-]+)?$/);
  });
});

describe('docs/github-setup.md', () => {
  const guide = text('docs/github-setup.md');
  const written = readWorkflows()
    .map((workflow) => workflow.text)
    .join('\n');

  it('names every secret, variable, environment, label and workflow that there is', () => {
    const names = [...written.matchAll(/(?:secrets|vars)\.([A-Z_]+)/g)].map(([, name = '']) => name);
    const environments = [...written.matchAll(/environment:\n\s+name: (\S+)/g)].map(([, name = '']) => name);
    expect(new Set(environments)).toEqual(new Set(['production', 'plan-live']));
    const labels = ['agency-request', 'agency-approved'];
    const workflows = readWorkflows().map(({ content: { name } }) => `| \`${name}\` |`);
    for (const name of [...names, ...environments, ...labels, ...workflows]) expect(guide).toContain(name);
  });

  it('sets up only names that a workflow takes', () => {
    const said = [...guide.matchAll(/`((?:SUPABASE|VERCEL|RESEND|PROVISIONER|CONTROL_PLANE)_[A-Z_]+)`/g)];
    for (const [, name = ''] of said) expect(written, name).toMatch(new RegExp(`(secrets|vars)\\.${name}\\b`));
  });

  it('dispatches what intake listens to', () => {
    const body = z
      .object({ event_type: z.string(), client_payload: z.record(z.string(), z.string()) })
      .parse(JSON.parse(/-d '(\{.*\})'/.exec(guide)?.[1] ?? ''));
    expect(written).toContain(`types: [${body.event_type}]`);
    expect(idOfDispatch(body.client_payload)).toBe('<id of the request>');
  });
});
