import { WaitingError } from '../engine/errors.ts';
import type { Commit } from '../forge/forge.ts';
import { wishedSlug } from './manifest.ts';
import type { IntakePorts } from './ports.ts';
import { type AgencyRequest, branchOf } from './request.ts';

type Ports = Pick<IntakePorts, 'git' | 'pullsOf'>;

/** Outside of heads/ and tags/: no workflow starts from it, no rule of a branch holds for it, and no clone fetches it. */
const refOf = (slug: string) => `provisioner/slug/${slug}`;

/** Whoever is overtaken finds a holder the next time, so more than two are for readers that lag behind. */
const TRIES = 10;

/**
 * Sets a slug aside for a request before there is a manifest that says so: of two requests that want the same, one gets
 * it and the other a number. A ref for each slug, at a commit without files that names the request. Asked again, it
 * gives the same. `taken` are the slugs of the room.
 */
export async function claimSlug(request: AgencyRequest, taken: ReadonlySet<string>, ports: Ports): Promise<string> {
  const others = new Set(taken);
  for (;;) {
    const slug = wishedSlug(request, others);
    if (await claim(slug, request.id, ports)) return slug;
    others.add(slug);
  }
}

/** Whether the slug is the request's own now. */
async function claim(slug: string, id: string, ports: Ports): Promise<boolean> {
  const { git } = ports;
  const ref = refOf(slug);
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    const tip = await git.head(ref);
    if (tip === undefined) {
      const sha = await git.write({ message: messageOf(id, slug), parents: [], files: {} });
      if ((await git.createRef(ref, sha)) === 'created') return true;
      continue;
    }
    const holder = holderOf(await git.commit(tip));
    if (holder === id) return true;
    if (holder === undefined || !(await isDeclined(holder, ports))) return false;
    const sha = await git.write({ message: messageOf(id, slug), parents: [tip], files: {} });
    const moved = await git.moveRef(ref, sha);
    if (typeof moved === 'object') throw moved.refused;
    if (moved === 'moved') return true;
  }
  throw new WaitingError(
    `the slug ${slug} could not be set aside: ${ref} is neither there nor free`,
    'Run intake again. Should it stay so, look for a ruleset that covers all refs.',
  );
}

/** Whoever was declined asks again with another request, and wants the name that never came to be. */
async function isDeclined(id: string, { pullsOf }: Ports): Promise<boolean> {
  const pulls = await pullsOf(branchOf(id));
  return pulls.length > 0 && pulls.every(({ state, merged }) => state === 'closed' && !merged);
}

const messageOf = (id: string, slug: string) => `Set the slug ${slug} aside\n\nRequest: ${id}\n`;

function holderOf({ message }: Commit): string | undefined {
  return /^Request: ([A-Za-z0-9_-]{1,64})$/m.exec(message)?.[1];
}
