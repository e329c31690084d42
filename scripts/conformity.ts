import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the vendors publish the documents of the versions they serve now. */
const SOURCES = {
  supabase: 'https://api.supabase.com/api/v1-json',
  vercel: 'https://openapi.vercel.sh/',
  resend: 'https://raw.githubusercontent.com/resend/resend-openapi/main/resend.json',
};

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = process.env.OPENAPI_DIR || (await download(join(root, '.cache', 'openapi')));
if (folder !== undefined) {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const env = { ...process.env, OPENAPI_DIR: folder };
  const child = spawn(process.execPath, [vitest, 'run', 'tests/conformity'], { cwd: root, env, stdio: 'inherit' });
  const [code]: (number | null)[] = await once(child, 'close');
  process.exitCode = code ?? 1;
}

/** Gives the folder with the documents, or nothing when one could not be had: then it was said, and the exit code is 1. */
async function download(to: string): Promise<string | undefined> {
  await mkdir(to, { recursive: true });
  try {
    for (const [vendor, url] of Object.entries(SOURCES)) {
      await writeFile(join(to, `${vendor}.openapi.json`), await documentAt(url));
      console.log(`${vendor}: ${url}`);
    }
    return to;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    console.error(`The vendors' OpenAPI documents could not be downloaded: ${reason}`);
    console.error('Next: run it with a network, or let OPENAPI_DIR name a folder that holds them as *.openapi.json.');
    process.exitCode = 1;
    return undefined;
  }
}

async function documentAt(url: string): Promise<string> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(60_000) }).catch((cause: Error) => {
    throw new Error(`${url} is not in reach`, { cause });
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${url} answers HTTP ${answer.status}`);
  if (!isDocument(text)) throw new Error(`${url} is no OpenAPI document in JSON`);
  return text;
}

function isDocument(text: string): boolean {
  try {
    return typeof JSON.parse(text)?.paths === 'object';
  } catch {
    return false;
  }
}
