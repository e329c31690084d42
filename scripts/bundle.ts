import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, type BuildResult, build, type Plugin } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** CommonJS inside (undici, tunnel) asks for Node's modules through `require`, which an ES module does not have. */
const REQUIRE = "import{createRequire as bundleRequire}from'node:module';const require=bundleRequire(import.meta.url);";

/** @actions packages have no effect on import and do not say so; said here, what nobody uses of them falls away. */
const withoutSideEffects: Plugin = {
  name: 'without-side-effects',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^@actions\// }, async ({ path, pluginData, ...args }) => {
      if (pluginData === 'resolved') return undefined;
      const found = await resolve(path, { ...args, pluginData: 'resolved' });
      return found.errors.length > 0 ? found : { ...found, sideEffects: false };
    });
  },
};

/** The local cloud stays outside: it brings a Postgres, and no bundle of ours runs it. */
const withoutLocalCloud: Plugin = {
  name: 'without-local-cloud',
  setup({ onResolve }) {
    onResolve({ filter: /local-cloud\// }, ({ path }) => ({ path, external: true }));
  },
};

function options(entry: string, outdir: string, name: string): BuildOptions & { metafile: true } {
  return {
    absWorkingDir: root,
    entryPoints: { [name]: entry },
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    minify: true,
    legalComments: 'none',
    banner: { js: REQUIRE },
    chunkNames: 'chunks/[name]-[hash]',
    metafile: true,
    write: false,
    logLevel: 'silent',
    plugins: [withoutSideEffects, withoutLocalCloud],
  };
}

/** The action as GitHub runs it: files in memory, to be written to `outdir` or compared with what is there. */
export async function bundleAction(outdir: string): Promise<BuildResult<{ metafile: true; write: false }>> {
  return (await build({ ...options('action/src/index.ts', outdir, 'index'), write: false })) as BuildResult<{
    metafile: true;
    write: false;
  }>;
}

/** The CLI in one folder, for tests that start many processes. Gives the path of its entry. It cannot run `cloud`. */
export async function bundleCli(outdir: string): Promise<string> {
  await mkdir(outdir, { recursive: true });
  await build({
    ...options('scripts/provision.ts', outdir, 'provision'),
    outExtension: { '.js': '.mjs' },
    write: true,
  });
  return join(outdir, 'provision.mjs');
}
