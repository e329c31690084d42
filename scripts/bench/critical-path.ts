import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { composeRun } from '../../action/src/compose.ts';
import { readEnvironment, type Variables } from '../../action/src/environment.ts';
import type { Clock } from '../../action/src/lib/clock.ts';
import { run } from '../../action/src/run.ts';
import { startCloud } from '../../local-cloud/cloud.ts';
import { ledgerOnlyInstances } from '../../local-cloud/instance/ledger-only.ts';
import { vendorProfile } from '../../local-cloud/latency.ts';
import { type Link, longestChain } from './chain.ts';
import { atLeast, atMost, type Finding, finding } from './findings.ts';
import { withSpans } from './floor.ts';
import { makeRoom } from './room.ts';
import { warp } from './warp.ts';
import { watch } from './watched.ts';

const BENCH = 'critical-path';
const SLUG = 'acme-studio';
/** The last resource that Ready takes; the welcome mail comes after it and is Notified's. */
const LAST = 'acceptance';

interface Timing {
  /** From the call of `run` until the owner can sign in, in vendor milliseconds. */
  readonly readyMs: number;
  readonly links: readonly Link[];
}

/**
 * One new agency against the local cloud with the vendors' latencies, from apply to Ready: against the longest chain
 * that these latencies allow, and against the same calls made one resource after another. The waiting is skipped, see
 * `warp.ts`: what is left is the vendors' time at its true length, and our own work at its true weight.
 */
export async function criticalPath(rounds: number): Promise<Finding[]> {
  await timed(false); // Loads the SDKs and warms the engine up, as a process that works on many has.
  const overlapped: Timing[] = [];
  const sequential: Timing[] = [];
  for (let round = 0; round < rounds; round += 1) {
    overlapped.push(await timed(false));
    sequential.push(await timed(true));
  }
  const floors = overlapped.map(({ links }) => longestChain(withSpans(links, vendorProfile), LAST));
  const observed = overlapped.map(({ links }) => longestChain(links, LAST).ms);
  const times = overlapped.map(({ readyMs }) => readyMs);
  const floor = floors[0];
  if (!floor) throw new RangeError('critical-path needs at least one round');
  return [
    finding(
      BENCH,
      `apply to Ready / longest chain of the vendors' latencies`,
      'ratio',
      over(
        times,
        floors.map(({ ms }) => ms),
      ),
      atMost(1.05),
    ),
    finding(
      BENCH,
      'apply to Ready / longest chain of the observed durations',
      'ratio',
      over(times, observed),
      atMost(1.05),
    ),
    finding(
      BENCH,
      'saved against the same calls one after another',
      'ratio',
      times.map((ms, round) => 1 - ms / (sequential[round]?.readyMs ?? 0)),
      atLeast(0.35),
    ),
    finding(BENCH, 'apply to Ready, vendor time', 's', times.map(seconds)),
    finding(
      BENCH,
      'one after another, vendor time',
      's',
      sequential.map(({ readyMs }) => seconds(readyMs)),
    ),
    finding(BENCH, `longest chain: ${floor.path.join(' > ')}`, 's', [seconds(floor.ms)]),
  ];
}

async function timed(oneByOne: boolean): Promise<Timing> {
  const dir = await mkdtemp(join(tmpdir(), 'bench-critical-path-'));
  const { clock, cloudClock } = warp();
  const openInstance = ledgerOnlyInstances();
  const options = { port: 0, clock: cloudClock, seed: 'bench', openInstance } as const;
  const cloud = await startCloud({ dir: join(dir, 'cloud'), ...options });
  const { fetch } = globalThis;
  // In process, where nothing is under way unseen; the resend SDK takes no fetch of ours.
  globalThis.fetch = (input, init) => cloud.fetch(new Request(input, init));
  try {
    const variables = cloud.environment();
    await makeRoom(join(dir, 'room'), { variables, slugs: [SLUG], concurrency: 1 });
    return await applyOnce(join(dir, 'room'), variables, clock, oneByOne);
  } finally {
    globalThis.fetch = fetch;
    await cloud.close();
    await rm(dir, { recursive: true, force: true });
  }
}

async function applyOnce(dir: string, variables: Variables, clock: Clock, oneByOne: boolean): Promise<Timing> {
  const watched = watch(() => clock.elapsed(), { oneByOne });
  const signal = new AbortController().signal;
  const ports = await composeRun({ dir, signal, emit: watched.see, clock }, readEnvironment(variables));
  const began = clock.elapsed();
  const report = await run(
    { mode: 'apply', agencies: [SLUG] },
    { ...ports, kinds: async (fleet) => watched.wrap(await ports.kinds(fleet)) },
  );
  if (report.result !== 'done') throw new Error(`the agency did not get ready: ${JSON.stringify(report)}`);
  return { readyMs: watched.endOf(LAST) - began, links: watched.links() };
}

function over(values: readonly number[], by: readonly number[]): number[] {
  return values.map((value, index) => value / (by[index] ?? 0));
}

function seconds(ms: number): number {
  return ms / 1_000;
}
