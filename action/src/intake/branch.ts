import { BlockedError } from '../engine/errors.ts';
import { uidIn } from '../manifest/inventory.ts';
import { assertAcceptable, manifestText, requestIdIn } from './manifest.ts';
import type { IntakePorts, Room } from './ports.ts';
import { type AgencyRequest, branchOf } from './request.ts';
import { claimSlug } from './slug-claim.ts';

/**
 * Makes the branch of a request, one commit on top of the room with the manifest in it, or goes on with the one that is
 * there. Gives the slug of the manifest that stands there. Throws ManifestError for a request that no manifest can hold.
 */
export async function ensureBranch(request: AgencyRequest, room: Room, ports: IntakePorts): Promise<string> {
  const { git } = ports;
  const ref = `heads/${branchOf(request.id)}`;
  const there = await git.head(ref);
  if (there !== undefined) return slugOn(there, request.id, room, ports);
  assertAcceptable(request);
  const slug = await claimSlug(request, slugsOf(room), ports);
  const { tree } = await git.commit(room.commit);
  const sha = await git.write({
    message: `Onboard ${slug}\n\nRequest: ${request.id}\n`,
    parents: [room.commit],
    tree,
    files: { [fileOf(slug)]: manifestText(request, slug, freshUid(room, ports)) },
  });
  if ((await git.createRef(ref, sha)) === 'created') return slug;
  // Another run of the same request was faster: its manifest has another uid, and there must be one only.
  return slugOn((await git.head(ref)) ?? sha, request.id, room, ports);
}

/** The slug of a request's manifest in a commit; people may have renamed it since. */
export async function slugOn(
  commit: string,
  id: string,
  room: Room,
  { git }: Pick<IntakePorts, 'git'>,
): Promise<string> {
  const known = new Set(room.agencies.map(({ file }) => file));
  const added = (await git.files(commit)).filter(({ path }) => slugOf(path) !== undefined && !known.has(path));
  for (const { path, sha } of added) {
    if (requestIdIn({ file: path, text: await git.text(sha) }) === id) return slugOf(path) ?? path;
  }
  throw new BlockedError(
    `the branch ${branchOf(id)} holds no manifest of its request`,
    `Put the manifest back with requestId ${id}, or close its pull request and delete the branch.`,
  );
}

/** The slug of a manifest's path; `undefined` for any other file. */
export function slugOf(path: string): string | undefined {
  return /^agencies\/([^/]+)\.yaml$/.exec(path)?.[1];
}

const fileOf = (slug: string) => `agencies/${slug}.yaml`;

function slugsOf(room: Room): ReadonlySet<string> {
  return new Set(room.agencies.flatMap(({ file }) => slugOf(file) ?? []));
}

/** Names, tags and keys are made of it, so it must never have been seen. */
function freshUid(room: Room, { uid }: Pick<IntakePorts, 'uid'>): string {
  const known = new Set(room.agencies.map(({ text }) => uidIn(text)));
  for (;;) {
    const fresh = uid();
    if (!known.has(fresh)) return fresh;
  }
}
