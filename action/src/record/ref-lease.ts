import { randomUUID } from 'node:crypto';
import { WaitingError } from '../engine/errors.ts';
import type { Lease } from '../engine/ports.ts';
import type { Commit, GitData } from '../forge/forge.ts';
import type { Clock } from '../lib/clock.ts';
import { foreignText } from '../providers/foreign-text.ts';
import { type Claim, type Claimant, claimOf, isVacant, messageOf } from './claim.ts';

/** Outside of heads/ and tags/: no workflow starts from it, no rule of a branch holds for it, and no clone fetches it. */
export const LEASE_REF = 'provisioner/lease';

const LEASE_MS = 10 * 60_000;
const LOOK_AGAIN_MS = 15_000;
/** How often, and how far apart, it is tried for where nobody holds it and somebody was faster, or nothing moves it. */
const IN_VAIN = { tries: 10, apartMs: 1_000 };

export interface RefLeaseOptions {
  /** Must go on after the run is stopped, or the lease is not given back: without the run's signal. */
  readonly git: Pick<GitData, 'head' | 'commit' | 'write' | 'createRef' | 'moveRef'>;
  readonly clock: Clock;
  readonly claimant: Claimant;
  /** How long to wait for another run to end, in milliseconds; not at all unless told. */
  readonly waitMs?: number;
  /** How long it holds without being renewed; ten minutes unless told. */
  readonly forMs?: number;
  /** Ends the waiting. */
  readonly signal?: AbortSignal;
  /** Whether it renews itself while the run waits; false for a clock that is moved by hand. */
  readonly beats?: boolean;
}

type Tip = Commit & { readonly claim: Claim };

/**
 * A lease at a ref: a chain of commits without files, of which the last says who holds it and for how long. Each stands
 * on the one before and the ref is never forced, so of two who saw the same tip one gets it. Time runs from the
 * committer's date, which GitHub sets, and is compared with the date of the rival's own commit: no runner's clock counts.
 * Rejects with Waiting, naming the holder, while somebody else holds it, and when nobody does and it is not to be had.
 */
export async function acquireRefLease(options: RefLeaseOptions): Promise<Lease> {
  const { git, clock, claimant, waitMs = 0, forMs = LEASE_MS, signal, beats = true } = options;
  const claim: Claim = { ...claimant, token: randomUUID(), forMs };
  const deadline = clock.elapsed() + waitMs;
  let inVain = 0;
  for (let tip = await tipOf(git, forMs); ; tip = await tipOf(git, forMs)) {
    const asked = timer(clock);
    const sha = await take(git, claim, claimant, tip);
    if (sha !== undefined) return hold(options, claim, { sha, age: asked }, beats);
    if (!tip || isVacant(tip.claim, claimant)) {
      // Nobody held it, so a rival was faster, and the next look says who that is; or the ref never moves.
      inVain += 1;
      if (inVain >= IN_VAIN.tries) throw immovable();
      await clock.sleep(IN_VAIN.apartMs, signal);
      continue;
    }
    inVain = 0;
    if (clock.elapsed() >= deadline) throw heldBy(tip.claim);
    await clock.sleep(LOOK_AGAIN_MS, signal);
  }
}

async function tipOf(git: RefLeaseOptions['git'], forMs: number): Promise<Tip | undefined> {
  const sha = await git.head(LEASE_REF);
  if (sha === undefined) return undefined;
  const commit = await git.commit(sha);
  return { ...commit, claim: claimOf(commit, forMs) };
}

/** The commit by which the claim holds now; `undefined` when it does not. */
async function take(
  git: RefLeaseOptions['git'],
  claim: Claim,
  claimant: Claimant,
  tip: Tip | undefined,
): Promise<string | undefined> {
  const sha = await git.write({ message: messageOf(claim), parents: tip ? [tip.sha] : [], files: {} });
  if (!tip) return (await git.createRef(LEASE_REF, sha)) === 'created' ? sha : undefined;
  if (!isVacant(tip.claim, claimant)) {
    const { at } = await git.commit(sha);
    if (Date.parse(at) - Date.parse(tip.at) <= tip.claim.forMs) return undefined;
  }
  return (await advance(git, sha)) ? sha : undefined;
}

/** Whether the ref stands at the commit now, or a rival was there first. */
async function advance(git: RefLeaseOptions['git'], sha: string): Promise<boolean> {
  const moved = await git.moveRef(LEASE_REF, sha);
  if (typeof moved === 'object') throw moved.refused;
  return moved === 'moved';
}

interface Held {
  readonly sha: string;
  /** Milliseconds since before it was asked for. */
  age(): number;
}

function hold({ git, clock, forMs = LEASE_MS }: RefLeaseOptions, claim: Claim, first: Held, beats: boolean): Lease {
  let held = first;
  let isLost = false;
  let renewing: Promise<void> | undefined;
  const ended = new AbortController();

  const append = async (one: Claim) => {
    const asked = timer(clock);
    const sha = await git.write({ message: messageOf(one), parents: [held.sha], files: {} });
    if (!(await advance(git, sha))) return false;
    held = { sha, age: asked };
    return true;
  };
  const renew = async () => {
    if (isLost) throw lost();
    if (await append(claim)) return;
    // A renewal that was given up for lost may have come through late.
    const tip = await tipOf(git, forMs);
    isLost = tip?.claim.token !== claim.token;
    if (!tip || isLost) throw lost();
    held = { ...held, sha: tip.sha };
    isLost = !(await append(claim));
    if (isLost) throw lost();
  };
  const renewOnce = () => {
    renewing ??= renew().finally(() => {
      renewing = undefined;
    });
    return renewing;
  };
  const beat = async () => {
    while (!isLost && !ended.signal.aborted) {
      await clock.sleep(forMs / 3, ended.signal);
      // What keeps it from being renewed is said by the next act, which tries again.
      await renewOnce().catch(() => undefined);
    }
  };
  // It ends by being aborted, which is all that it can reject with.
  if (beats) beat().catch(() => undefined);

  return {
    assertHeld: async () => {
      if (isLost) throw lost();
      if (held.age() > forMs / 2) await renewOnce();
    },
    release: async () => {
      ended.abort();
      await renewing?.catch(() => undefined);
      if (!isLost) await append({ ...claim, released: true });
    },
  };
}

/** How long ago it was made, by the clock that went further: one stands still while a machine sleeps, one is set by hand. */
function timer(clock: Clock): () => number {
  const [now, elapsed] = [clock.now(), clock.elapsed()];
  return () => Math.max(clock.now() - now, clock.elapsed() - elapsed);
}

function heldBy({ owner, url, forMs }: Claim): WaitingError {
  return new WaitingError(
    `another run is at work (${foreignText(url ?? owner, 200)})`,
    'Wait for it to end and run again; if it hangs, cancel it. ' +
      `If it died, its lease ends by itself within ${Math.ceil(forMs / 60_000)} minutes.`,
  );
}

function immovable(): WaitingError {
  return new WaitingError(
    `nobody holds the lease, and yet ${LEASE_REF} could not be moved`,
    'Run again. If it stays so, look for a ruleset over all refs, and exempt refs/provisioner from it; ' +
      `while no run is at work, refs/${LEASE_REF} may be deleted.`,
  );
}

function lost(): WaitingError {
  return new WaitingError('another run took the lease', 'Wait for it to end and run again.');
}
