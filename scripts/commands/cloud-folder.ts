import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BlockedError } from '../../action/src/engine/errors.ts';
import type { Lease } from '../../action/src/engine/ports.ts';
import { systemClock } from '../../action/src/lib/clock.ts';
import { isCode } from '../../action/src/lib/errno.ts';
import { acquireFileLease } from '../../action/src/record/file-lease.ts';

const YEAR_MS = 365 * 24 * 60 * 60_000;

/**
 * Takes the folder of a local cloud for this process, until it is released or the process is gone: two of them would
 * write over each other's state. Rejects with Blocked, naming the process, while another one has it.
 */
export function holdFolder(dir: string): Promise<Lease> {
  const lease = join(dir, 'lease');
  return acquireFileLease({
    dir: lease,
    clock: systemClock(),
    // A cloud stays open for as long as somebody likes, and its process is what tells that it is there.
    forMs: YEAR_MS,
    refusal: ({ pid, host }) =>
      new BlockedError(
        `a local cloud has this folder already (process ${pid} on ${host})`,
        `Use that one, stop it, or give another folder with --dir. If ${host} is gone for good, delete ${lease}.`,
      ),
  });
}

/** The port that the cloud of this folder had the last time; what an agency recorded of it holds on that port only. */
export async function rememberedPort(dir: string): Promise<number | undefined> {
  try {
    const port = Number(await readFile(fileOf(dir), 'utf8'));
    return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
  } catch (thrown) {
    if (isCode(thrown, 'ENOENT')) return undefined;
    throw thrown;
  }
}

/** Remembers the port of this address. */
export async function rememberPort(dir: string, origin: string): Promise<void> {
  await writeFile(fileOf(dir), `${new URL(origin).port}\n`);
}

function fileOf(dir: string): string {
  return join(dir, 'port');
}
