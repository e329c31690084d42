import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runToEnd } from './child.ts';
import { atMost, type Finding, finding } from './findings.ts';
import { median } from './statistics.ts';

const BENCH = 'cold-start';
const DIST = fileURLToPath(new URL('../../action/dist', import.meta.url));

/**
 * The bundle against an empty script of the same Node, turn by turn, so that both meet the same machine. The action is
 * started without inputs and secrets: it loads what loads at start, reads its environment and says what is missing.
 */
export async function coldStart(rounds: number): Promise<Finding[]> {
  const dir = await mkdtemp(join(tmpdir(), 'bench-cold-start-'));
  try {
    const empty = join(dir, 'empty.mjs');
    await writeFile(empty, '');
    const entry = join(DIST, 'index.js');
    await runToEnd([entry]);
    const times: { empty: number[]; bundle: number[] } = { empty: [], bundle: [] };
    for (let round = 0; round < rounds; round += 1) {
      times.empty.push((await runToEnd([empty])).wallMs);
      times.bundle.push((await runToEnd([entry])).wallMs);
    }
    const [start, all] = [await startBytes(entry), await allBytes(DIST)];
    return [
      finding(BENCH, 'bundle, over an empty script', 'ms', [median(times.bundle) - median(times.empty)], atMost(60)),
      finding(BENCH, 'bundle', 'ms', times.bundle),
      finding(BENCH, 'empty script', 'ms', times.empty),
      finding(BENCH, 'what loads at start', 'kB', [start / 1_000], atMost(600)),
      finding(BENCH, 'all of the bundle', 'kB', [all / 1_000], atMost(1_800)),
    ];
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function allBytes(dir: string): Promise<number> {
  const entries = await readdir(dir, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const sizes = await Promise.all(files.map(async (file) => (await readFile(file)).length));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Bytes of a module and of all that it imports statically. */
export async function startBytes(entry: string): Promise<number> {
  const reached = new Set([entry]);
  let bytes = 0;
  for (const file of reached) {
    const content = await readFile(file);
    bytes += content.length;
    for (const path of staticImports(content.toString('utf8'))) reached.add(join(dirname(file), path));
  }
  return bytes;
}

/** What a bundled module imports from its own folder before it runs; `import()` is none of it. */
export function staticImports(code: string): string[] {
  const paths = code.matchAll(/(?:^|[;}\n])\s*(?:import|export)\s*(?:[\w$*{}\s,]*?from\s*)?["'](\.{1,2}\/[^"']+)["']/g);
  return [...paths].map(([, path = '']) => path);
}
