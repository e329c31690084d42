import { randomUUID } from 'node:crypto';
import { link, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type ProvisionerError, WaitingError } from '../engine/errors.ts';
import type { Lease } from '../engine/ports.ts';
import { type Clock, timestamp } from '../lib/clock.ts';
import { isCode } from '../lib/errno.ts';

export interface FileLeaseOptions {
  /** The folder that all runs over one control room share. */
  readonly dir: string;
  readonly clock: Clock;
  /** How long, in milliseconds, a run may hold it before others may take it over. */
  readonly forMs: number;
  /** What is said to whom it is refused; that another run is at work unless told. */
  readonly refusal?: (holder: Pick<Holder, 'pid' | 'host' | 'until'>) => ProvisionerError;
}

interface Holder {
  readonly token: string;
  readonly pid: number;
  readonly host: string;
  /** When its process began, as the system counts; tells a process from a later one that got the same number. */
  readonly born: string;
  readonly until: number;
}

/**
 * A lease in a folder of numbered files: who created the highest number holds it. A number is created exclusively and
 * never given up again, so that two runs that see the same dead holder cannot both win.
 * Rejects with `refusal`, naming the holder, while somebody else holds it.
 */
export async function acquireFileLease({ dir, clock, forMs, refusal = heldBy }: FileLeaseOptions): Promise<Lease> {
  await mkdir(dir, { recursive: true });
  let mine: Holder = {
    token: randomUUID(),
    pid: process.pid,
    host: hostname(),
    born: await birthOf(process.pid),
    until: clock.now() + forMs,
  };
  const last = await highest(dir);
  const holder = last === 0 ? undefined : await read(dir, last);
  if (holder && (await isAlive(holder, clock.now()))) throw refusal(holder);
  const number = last + 1;
  if (!(await create(dir, number, mine)) || (await highest(dir)) !== number) throw lost();
  await Promise.all(
    (await numbers(dir)).filter((old) => old < number).map((old) => rm(nameOf(dir, old), { force: true })),
  );
  return {
    assertHeld: async () => {
      const now = clock.now();
      if ((await highest(dir)) !== number || now > mine.until) throw lost();
      if (now < mine.until - forMs / 2) return;
      mine = { ...mine, until: now + forMs };
      await rename(await writeDraft(dir, mine), nameOf(dir, number));
    },
    // The number stays, ended: were it free again, a slow rival could take a number below a later one.
    release: async () => rename(await writeDraft(dir, { ...mine, until: 0 }), nameOf(dir, number)),
  };
}

/** Linking a finished draft is exclusive and shows the whole holder or nothing. */
async function create(dir: string, number: number, holder: Holder): Promise<boolean> {
  const draft = await writeDraft(dir, holder);
  try {
    await link(draft, nameOf(dir, number));
    return true;
  } catch (thrown) {
    if (isCode(thrown, 'EEXIST')) return false;
    throw thrown;
  } finally {
    await rm(draft, { force: true });
  }
}

async function writeDraft(dir: string, holder: Holder): Promise<string> {
  const draft = join(dir, `${holder.token}.draft`);
  await writeFile(draft, JSON.stringify(holder));
  return draft;
}

async function read(dir: string, number: number): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(nameOf(dir, number), 'utf8')) as Holder;
  } catch (thrown) {
    if (isCode(thrown, 'ENOENT')) return undefined;
    throw thrown;
  }
}

async function isAlive(holder: Holder, now: number): Promise<boolean> {
  if (now > holder.until) return false;
  if (holder.host !== hostname()) return true;
  try {
    process.kill(holder.pid, 0);
  } catch (thrown) {
    return isCode(thrown, 'EPERM');
  }
  return (await birthOf(holder.pid)) === holder.born;
}

/** The start time of a process where the system tells it (Linux); elsewhere its number has to do. */
async function birthOf(pid: number): Promise<string> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

async function numbers(dir: string): Promise<number[]> {
  const names = await readdir(dir);
  return names.map((name) => Number(/^(\d+)\.json$/.exec(name)?.[1] ?? 0));
}

async function highest(dir: string): Promise<number> {
  return Math.max(0, ...(await numbers(dir)));
}

function nameOf(dir: string, number: number): string {
  return join(dir, `${number}.json`);
}

function heldBy({ pid, host, until }: Pick<Holder, 'pid' | 'host' | 'until'>): WaitingError {
  return new WaitingError(
    `another run is at work (process ${pid} on ${host})`,
    `Wait for it to end and run again; if it hangs, stop it. Its lease ends by itself at ${timestamp(until)}.`,
  );
}

function lost(): WaitingError {
  return new WaitingError('another run took the lease', 'Wait for it to end and run again.');
}
