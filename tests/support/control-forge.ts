import { createGitHub, type Repository, repositoryOf } from '../../action/src/forge/github.ts';
import type { Clock } from '../../action/src/lib/clock.ts';
import { Secret } from '../../action/src/lib/secret.ts';
import type { TokenWish } from '../../local-cloud/github/forge.ts';
import { aForge, CONTROL_ROOM, type ForgeRig, type RigOptions } from '../../local-cloud/github/testing.ts';

/** What stands between the product and the forge: an answer in its place, a failure thrown, or `undefined` to let it pass. */
export type Between = (request: Request) => Response | undefined | Promise<Response | undefined>;

export interface ControlForgeOptions extends RigOptions {
  /** Whose token the product holds: `app` makes its own; the workflow's unless told. */
  readonly as?: 'app' | TokenWish;
  readonly before?: Between;
  /** Told of what the forge answered, for an answer in its place: done, and not heard. */
  readonly after?: (request: Request, response: Response) => Response | undefined | Promise<Response | undefined>;
}

export interface ControlForge extends Omit<ForgeRig, 'clock'> {
  /** The control room as the product's adapters are handed it. */
  readonly repository: Repository;
  readonly clock: Clock & { advance(ms: number): void };
  /** `METHOD /path` below the repository or the API, in the order of sending. */
  readonly sent: string[];
  /** What the product sends through. */
  readonly fetch: typeof globalThis.fetch;
  /** Another process's eyes on the same repository, with nothing between. */
  another(as?: 'app' | TokenWish): Repository;
}

/** The local forge with the control room in it, and the product's own client for it. */
export async function aControlForge(options: ControlForgeOptions = {}): Promise<ControlForge> {
  const { as, before, after, ...rest } = options;
  const rig = await aForge(rest);
  const { forge } = rig;
  const clock = {
    now: () => Date.now(),
    elapsed: () => rig.clock.now(),
    sleep: async (ms: number) => rig.clock.sleep(ms),
    advance: (ms: number) => rig.clock.advance(ms),
  };
  const sent: string[] = [];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    sent.push(`${request.method} ${pathOf(request, forge.apiUrl)}`);
    const instead = await before?.(request);
    if (instead) return instead;
    const response = await forge.fetch(request.clone());
    return (await after?.(request, response.clone())) ?? response;
  };
  const client = (whose: ControlForgeOptions['as'], through: typeof globalThis.fetch) =>
    repositoryOf(
      createGitHub({ ...credentialOf(rig, whose), apiUrl: forge.apiUrl }, { clock, fetch: through, random: () => 0 }),
      CONTROL_ROOM,
    );
  return { ...rig, clock, sent, fetch, repository: client(as, fetch), another: (whose) => client(whose, forge.fetch) };
}

function credentialOf({ forge }: ForgeRig, as: ControlForgeOptions['as']) {
  if (as !== 'app') return { token: new Secret(as ? forge.token(as) : forge.workflowToken) };
  const { clientId, privateKey } = forge.app();
  return { app: { clientId, privateKey: new Secret(privateKey), repository: CONTROL_ROOM } };
}

function pathOf({ url }: Request, apiUrl: string): string {
  const path = url.slice(apiUrl.length);
  const room = `/repos/${CONTROL_ROOM}`;
  return path.startsWith(room) ? path.slice(room.length) : path;
}
