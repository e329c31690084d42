import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { blueprint } from '../../action/src/blueprint.ts';
import { keyring } from '../../action/src/lib/keyring.ts';
import { Secret } from '../../action/src/lib/secret.ts';
import { startCloud } from '../../local-cloud/cloud.ts';
import { ledgerOnlyInstances } from '../../local-cloud/instance/ledger-only.ts';
import type { Profile } from '../../local-cloud/latency.ts';
import { longestChain } from './chain.ts';
import { assertDone, measure } from './child.ts';
import { atMost, type Finding, finding } from './findings.ts';
import { withSpans } from './floor.ts';
import { makeRoom, slugsOf } from './room.ts';
import { targetsOf } from './targets.ts';
import { isWrite, trafficOf } from './traffic.ts';

const BENCH = 'hundred';
const AGENCIES = 100;
/** As many as a fleet works on at a time unless its file says otherwise. */
const CONCURRENCY = 8;
/**
 * A call takes 100 ms and a thing is ready after 1 s of real time. To the provisioner that second is fifty of the
 * vendors', about what their databases and builds take: so its polls, and the windows of its own limiter, which must
 * not hold this back, shrink as readiness does.
 */
const SPEED = 50;
const CALL_MS = 100 * SPEED;
const READY_MS = 1_000 * SPEED;

const profile: Profile = {
  calls: [],
  otherMs: CALL_MS,
  project: {
    comingUpMs: 0,
    healthyMs: READY_MS,
    legacyKeysMs: 0,
    keysMs: 0,
    servicesMs: 0,
    transitionMs: READY_MS,
  },
  deployment: { buildMs: READY_MS, aliasMs: 0, envWriteMs: 0 },
  mailDeliveryMs: 0,
};

/**
 * Creates a hundred agencies in one process, and applies once more. Ideal: every one of the run's places takes an
 * agency for as long as its longest chain of calls, one agency after another, and nothing else takes time.
 */
export async function hundred(program: string): Promise<Finding[]> {
  const dir = await mkdtemp(join(tmpdir(), 'bench-hundred-'));
  const openInstance = ledgerOnlyInstances();
  const options = {
    port: 0,
    speed: SPEED,
    seed: 'bench',
    rateLimits: false,
    durable: false,
    profile,
    openInstance,
  } as const;
  const cloud = await startCloud({ dir: join(dir, 'cloud'), ...options });
  try {
    const variables = cloud.environment();
    const room = join(dir, 'room');
    await makeRoom(room, { variables, slugs: slugsOf(AGENCIES), concurrency: CONCURRENCY });
    const chain = await chainOf(room);
    const command = [program, 'apply', '--dir', room, '--json'];
    const first = await measure(command, variables);
    assertDone(first);
    const before = (await trafficOf(cloud)).length;
    const second = await measure(command, variables);
    assertDone(second);
    const again = (await trafficOf(cloud)).slice(before);
    const ideal = (Math.ceil(AGENCIES / CONCURRENCY) * chain) / SPEED;
    return [
      finding(
        BENCH,
        `wall / ideal (${AGENCIES} agencies, ${CONCURRENCY} at a time)`,
        'ratio',
        [first.wallMs / ideal],
        atMost(1.5),
      ),
      finding(BENCH, 'peak memory of the provisioner', 'MB', [first.peakMb], atMost(300)),
      finding(BENCH, 'wall', 's', [first.wallMs / 1_000]),
      finding(BENCH, `ideal: ${Math.ceil(AGENCIES / CONCURRENCY)} times the longest chain`, 's', [ideal / 1_000]),
      finding(BENCH, 'CPU of the provisioner', 's', [first.cpuMs / 1_000]),
      finding(BENCH, 'requests', 'count', [before]),
      finding(BENCH, 'writes of a second apply', 'count', [again.filter(isWrite).length], atMost(0)),
    ];
  } finally {
    await cloud.close();
    await rm(dir, { recursive: true, force: true });
  }
}

/** The longest chain of one agency of the room, its mail included, in vendor milliseconds. */
async function chainOf(room: string): Promise<number> {
  const [target] = await targetsOf(room);
  if (!target) throw new RangeError('the room has no agency');
  const from = { target, recorded: new Map(), keyring: keyring(new Secret('bench-secret')), secret: () => undefined };
  return longestChain(withSpans(blueprint(from), profile), 'resend.welcome').ms;
}
