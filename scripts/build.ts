import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Metafile } from 'esbuild';
import { bundleAction } from './bundle.ts';

const dist = fileURLToPath(new URL('../action/dist', import.meta.url));

/** Bytes. What GitHub has to load before anything happens, and all that lies in the repository. */
const LIMITS = { atStart: 600_000, all: 1_800_000 };

/** Without it Node would read the bundle as CommonJS when the action is used from another repository's checkout. */
const PACKAGE = `${JSON.stringify({ type: 'module' })}\n`;

const { outputFiles, metafile } = await bundleAction(dist);
const files = new Map<string, string>([['package.json', PACKAGE]]);
for (const { path, text } of outputFiles) files.set(relative(dist, path).split(sep).join('/'), text);

const stale = process.argv.includes('--check') ? await differences(files) : [];
if (!process.argv.includes('--check')) await replace(files);

const sizes = {
  atStart: startBytes(metafile),
  all: [...files.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0),
};
console.log(`action/dist: ${kilobytes(sizes.atStart)} load at start, ${kilobytes(sizes.all)} in ${files.size} files`);
const heavy = (['atStart', 'all'] as const).filter((what) => sizes[what] > LIMITS[what]);
for (const what of heavy) console.error(`too large: ${what} is ${sizes[what]} bytes, and the limit is ${LIMITS[what]}`);
if (stale.length > 0) console.error(`action/dist is stale (${stale.join(', ')}). Run: npm run build`);
process.exitCode = stale.length + heavy.length > 0 ? 1 : 0;

/** The entry and every chunk that it imports statically, and theirs. */
function startBytes({ outputs }: Metafile): number {
  const entry = Object.keys(outputs).find((name) => outputs[name]?.entryPoint !== undefined);
  const reached = new Set<string>(entry === undefined ? [] : [entry]);
  for (const name of reached) {
    const { imports = [] } = outputs[name] ?? {};
    for (const { path, kind, external } of imports) {
      if (!external && kind === 'import-statement') reached.add(path);
    }
  }
  return [...reached].reduce((sum, name) => sum + (outputs[name]?.bytes ?? 0), 0);
}

async function differences(wished: ReadonlyMap<string, string>): Promise<string[]> {
  const there = await present();
  const changed = [...wished].filter(([name, text]) => there.get(name) !== text).map(([name]) => name);
  return [...changed, ...[...there.keys()].filter((name) => !wished.has(name))];
}

async function present(): Promise<Map<string, string>> {
  const entries = await readdir(dist, { withFileTypes: true, recursive: true }).catch(() => []);
  const names = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const read = names.map(
    async (name) => [relative(dist, name).split(sep).join('/'), await readFile(name, 'utf8')] as const,
  );
  return new Map(await Promise.all(read));
}

async function replace(wished: ReadonlyMap<string, string>): Promise<void> {
  await rm(dist, { recursive: true, force: true });
  for (const [name, text] of wished) {
    await mkdir(dirname(join(dist, name)), { recursive: true });
    await writeFile(join(dist, name), text);
  }
}

function kilobytes(bytes: number): string {
  return `${Math.ceil(bytes / 1_000)} kB`;
}
