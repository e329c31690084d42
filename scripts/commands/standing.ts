import { randomBytes } from 'node:crypto';
import { blueprint } from '../../action/src/blueprint.ts';
import type { Condition } from '../../action/src/engine/conditions.ts';
import { whyDue } from '../../action/src/engine/due.ts';
import { readSurroundings } from '../../action/src/environment.ts';
import { keyring } from '../../action/src/lib/keyring.ts';
import { Secret } from '../../action/src/lib/secret.ts';
import { type ControlRoom, type LoadedAgency, loadControlRoom } from '../../action/src/manifest/load.ts';
import { renderProblem } from '../../action/src/manifest/problem.ts';
import { readStatus } from '../../action/src/manifest/status.ts';
import { readRoom } from '../../action/src/record/room.ts';
import type { Explained } from '../../action/src/report/explain.ts';
import { type Agency, agenciesOf, standingOf } from '../../action/src/selection.ts';
import type { World } from './command.ts';

/** What the files of a control room say of every agency; nobody is asked. */
export async function standings(dir: string, { variables }: World): Promise<{ room: ControlRoom; all: Explained[] }> {
  const room = loadControlRoom(await readRoom(dir, readSurroundings(variables).repository));
  return { room, all: room.agencies.map((loaded) => explained(room, loaded)) };
}

function explained(room: ControlRoom, loaded: LoadedAgency): Explained {
  const agency = agencyOf(room, loaded);
  const status = agency?.status ?? statusOf(loaded);
  return {
    slug: loaded.slug,
    conditions: (status?.conditions ?? []) as Condition[],
    outputs: status?.outputs ?? {},
    due: agency && whyDue(standingOf(agency)),
    problems: loaded.problems.map(renderProblem),
    inventory: status?.resources ?? {},
    resources: agency ? shapeOf(agency) : [],
  };
}

/** Offline the ref is taken to stand for the commit that runs: only GitHub knows whether it moved since. */
function agencyOf(room: ControlRoom, loaded: LoadedAgency): Agency | undefined {
  const { fleet } = room;
  if (!fleet || !loaded.manifest) return undefined;
  const { repository, ref } = { ...fleet.spec.app, ...loaded.manifest.spec.app };
  const revision = loaded.manifest.status?.outputs.appRevision;
  const revisions = new Map(revision === undefined ? [] : [[`${repository}@${ref}`, revision]]);
  return agenciesOf({ ...room, agencies: [loaded] }, fleet, revisions).agencies[0];
}

/** What is recorded stays worth showing when the rest of the manifest is broken. */
function statusOf({ file, text }: LoadedAgency) {
  const reading = readStatus({ file, text });
  return reading.ok ? reading.status : undefined;
}

/** Only what waits for what is of interest: passwords and secrets that it is made with are thrown away. */
function shapeOf({ target, status }: Agency) {
  const nothing = new Secret(randomBytes(32).toString('hex'));
  const recorded = new Map(Object.entries(status?.resources ?? {}));
  return blueprint({ target, recorded, keyring: keyring(nothing), secret: () => nothing });
}
