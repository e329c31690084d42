import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { targetDigest } from '../../action/src/manifest/target.ts';
import { type Cloud, startCloud } from '../../local-cloud/cloud.ts';
import { ledgerOnlyInstances } from '../../local-cloud/instance/ledger-only.ts';
import { assertDone, measure, type Used } from './child.ts';
import { renumbered, reworded, type Words } from './clones.ts';
import { atMost, type Finding, finding } from './findings.ts';
import { makeRoom, manifestPath, slugsOf, uidOf } from './room.ts';
import { targetsOf } from './targets.ts';
import { isWrite, type Logged, trafficOf } from './traffic.ts';

export interface UnchangedOptions {
  readonly program: string;
  readonly agencies: number;
  readonly rounds: number;
}

const BENCH = 'unchanged';
/** Which commit the app's ref stands for is asked once a run, however many agencies there are. */
const REVISION_CALLS = 1;

/**
 * A second apply over many settled agencies, turn by turn with one over a single agency, whose CPU is that of the
 * process alone. One agency is really created; its manifest and its things at the vendors are then copied under other
 * names and ids, which takes seconds where creating a thousand would take minutes.
 */
export async function unchanged({ program, agencies, rounds }: UnchangedOptions): Promise<Finding[]> {
  const dir = await mkdtemp(join(tmpdir(), 'bench-unchanged-'));
  const [one, many] = [placeIn(join(dir, 'one')), placeIn(join(dir, 'many'))];
  try {
    await inCloud(one, (cloud) => createFirst(cloud, one.room, program));
    await cp(one.dir, many.dir, { recursive: true });
    await multiply(many, agencies);
    return await inCloud(one, (small) =>
      inCloud(many, async (large) => {
        const pairs: Pair[] = [];
        for (let round = 0; round < rounds; round += 1) {
          const alone = await applyAgain(small, one.room, program);
          pairs.push({ alone, all: await applyAgain(large, many.room, program) });
        }
        return findings(pairs, agencies);
      }),
    );
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** A control room, and the folder of its cloud. */
interface Place {
  readonly dir: string;
  readonly room: string;
  readonly cloud: string;
}

function placeIn(dir: string): Place {
  return { dir, room: join(dir, 'room'), cloud: join(dir, 'cloud') };
}

async function inCloud<T>({ cloud: dir }: Place, work: (cloud: Cloud) => Promise<T>): Promise<T> {
  const openInstance = ledgerOnlyInstances();
  const cloud = await startCloud({
    dir,
    profile: 'none',
    port: 0,
    speed: 100,
    seed: 'bench',
    rateLimits: false,
    openInstance,
  });
  try {
    return await work(cloud);
  } finally {
    await cloud.close();
  }
}

interface Round extends Used {
  readonly requests: readonly Logged[];
}

interface Pair {
  readonly alone: Round;
  readonly all: Round;
}

function findings(pairs: readonly Pair[], agencies: number): Finding[] {
  const ideal = 2 * Math.ceil(agencies / 100) + REVISION_CALLS;
  const all = pairs.map((pair) => pair.all);
  const writes = all.map(({ requests }) => requests.filter(isWrite).length);
  const calls = all.map(({ requests }) => requests.length);
  const each = pairs.map((pair) => (pair.all.cpuMs - pair.alone.cpuMs) / (agencies - 1));
  const over = `at ${agencies} manifests`;
  return [
    finding(BENCH, `writes, ${over}`, 'count', writes, atMost(0)),
    finding(BENCH, `calls, ${over} (2 lists of 100 a page, 1 ref)`, 'count', calls, atMost(ideal)),
    finding(BENCH, `CPU of an agency, ${over}`, 'ms', each, atMost(1)),
    finding(
      BENCH,
      'CPU of the whole process',
      'ms',
      all.map(({ cpuMs }) => cpuMs),
    ),
    finding(
      BENCH,
      'of it for a single agency',
      'ms',
      pairs.map(({ alone }) => alone.cpuMs),
    ),
    finding(
      BENCH,
      'wall',
      's',
      all.map(({ wallMs }) => wallMs / 1_000),
    ),
    finding(
      BENCH,
      'peak memory',
      'MB',
      all.map(({ peakMb }) => peakMb),
    ),
  ];
}

async function applyAgain(cloud: Cloud, room: string, program: string): Promise<Round> {
  const before = (await trafficOf(cloud)).length;
  const used = await measure([program, 'apply', '--dir', room, '--json'], cloud.environment());
  assertDone(used);
  return { ...used, requests: (await trafficOf(cloud)).slice(before) };
}

const [FIRST = ''] = slugsOf(1);

async function createFirst(cloud: Cloud, room: string, program: string): Promise<void> {
  const variables = cloud.environment();
  await makeRoom(room, { variables, slugs: [FIRST], concurrency: 8 });
  assertDone(await measure([program, 'apply', '--dir', room, '--json'], variables));
}

const named = z.looseObject({ name: z.string() });
const state = z.looseObject({
  services: z.looseObject({
    supabase: z.looseObject({ projects: z.array(named) }),
    vercel: z.looseObject({ projects: z.array(named) }),
  }),
});
const recorded = z.object({
  status: z.object({
    observedSpecDigest: z.string(),
    resources: z.record(z.string(), z.object({ id: z.string() })),
  }),
});

/** Adds copies of the first agency to the room and to what the cloud saved, until there are so many. */
async function multiply({ room, cloud }: Place, agencies: number): Promise<void> {
  const stateFile = join(cloud, 'state.json');
  const manifest = await readFile(manifestPath(room, FIRST), 'utf8');
  const { observedSpecDigest, resources } = recorded.parse(parse(manifest)).status;
  const ids = [...new Set(Object.values(resources).map(({ id }) => id))];
  const saved = state.parse(JSON.parse(await readFile(stateFile, 'utf8')));
  const { supabase, vercel } = saved.services;
  const [project, site] = [JSON.stringify(supabase.projects[0]), JSON.stringify(vercel.projects[0])];
  const slugs = slugsOf(agencies).slice(1);
  const copies = slugs.map((slug, at): Words => wordsOf(slug, at + 1, ids));
  supabase.projects.push(...copies.map((words) => named.parse(JSON.parse(reworded(project, words)))));
  vercel.projects.push(...copies.map((words) => named.parse(JSON.parse(reworded(site, words)))));
  await writeFile(stateFile, JSON.stringify(saved));
  for (const [at, slug] of slugs.entries()) {
    await writeFile(manifestPath(room, slug), reworded(manifest, copies[at] ?? new Map()));
  }
  await sign(room, observedSpecDigest);
}

function wordsOf(slug: string, copy: number, ids: readonly string[]): Words {
  const own = ids.map((id): [string, string] => [id, renumbered(id, copy)]);
  return new Map([[FIRST, slug], [uidOf(0), uidOf(copy)], ['owner-1@', `owner-${copy + 1}@`], ...own]);
}

/** A copy's digest is that of its own target. */
async function sign(room: string, digest: string): Promise<void> {
  for (const target of await targetsOf(room)) {
    const file = manifestPath(room, target.slug);
    await writeFile(file, (await readFile(file, 'utf8')).replace(digest, targetDigest(target)));
  }
}
