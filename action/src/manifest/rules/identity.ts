import { sharing } from '../group.ts';
import type { Path } from '../problem.ts';
import { namesOf } from '../target.ts';
import { quote } from '../text.ts';
import { about, type Candidate, eachAgency, type FileFinding, isEstablished, type Room, type Rule } from './rule.ts';

/** The file is what people see and rename; the name is what everything at the vendors is called by. */
export const nameEqualsFile: Rule = eachAgency(({ slug, manifest }) => {
  const { name } = manifest.metadata;
  if (name === slug) return [];
  const remedy = `write name: ${slug}, or rename the file to ${name}.yaml; the name of an agency never changes`;
  return [about(['metadata', 'name'], `${quote(name)} is not the name of the file`, remedy)];
});

export const uniqueNames: Rule = (room) =>
  unique(
    room,
    claims(room, ['metadata', 'name'], ({ manifest }) => manifest.metadata.name),
    {
      message: 'the name',
      remedy: 'choose another name, and rename the file with it',
    },
  );

export const uniqueUids: Rule = (room) =>
  unique(
    room,
    claims(room, ['metadata', 'uid'], ({ manifest }) => manifest.metadata.uid),
    {
      message: 'the uid',
      remedy: 'a copied manifest needs a uid of its own: write a new random one',
    },
  );

/** Two agencies that record or adopt one thing would share a database. */
export const uniqueThings: Rule = (room) =>
  unique(room, [...room.agencies.flatMap(inventoryOf), ...room.agencies.flatMap(adoptionsOf)], {
    message: 'the id',
    remedy: 'two agencies never share a thing: restore the status as it was recorded, or adopt it for one agency only',
  });

/** What was recorded when the project was created stands for ever. */
export const immutableFields: Rule = eachAgency(({ manifest }, { fleet }) => {
  const recorded = manifest.status?.resources['supabase.project'] ?? {};
  const wished = {
    uid: { path: ['metadata', 'uid'], now: manifest.metadata.uid },
    slug: { path: ['metadata', 'name'], now: manifest.metadata.name },
    region: { path: ['spec', 'region'], now: manifest.spec.region },
    name: { path: ['metadata', 'name'], now: fleet && nameIfOurs(fleet, manifest) },
  };
  return Object.entries(wished).flatMap(([fact, { path, now }]) => {
    const was = recorded[fact];
    if (was === undefined || now === undefined || was === now) return [];
    return [about(path, `${quote(now)} was ${quote(was)} when the agency was created, and cannot change`, undo(was))];
  });
});

function undo(was: string): string {
  return `go back to ${was}; to move an agency, create another one beside it`;
}

type FleetAndManifest = Parameters<typeof namesOf>;

/** An adopted project keeps the name that it came with, so only a created one is held to its name. */
function nameIfOurs(...[fleet, manifest]: FleetAndManifest): string | undefined {
  const adopted = manifest.spec.adopt?.['supabase.project'] !== undefined;
  return adopted ? undefined : namesOf(fleet, manifest).supabaseName;
}

interface Claim {
  readonly agency: Candidate;
  readonly path: Path;
  readonly value: string;
  /** What the value must be unique within. */
  readonly scope: string;
}

function claims(room: Room, path: Path, read: (agency: Candidate) => string): Claim[] {
  return room.agencies.map((agency) => ({ agency, path, value: read(agency), scope: path.join('.') }));
}

function inventoryOf(agency: Candidate): Claim[] {
  return Object.entries(agency.manifest.status?.resources ?? {}).flatMap(([address, { id }]) =>
    id === undefined ? [] : [{ agency, path: ['status', 'resources', address, 'id'], value: id, scope: address }],
  );
}

function adoptionsOf(agency: Candidate): Claim[] {
  const adopt = Object.entries(agency.manifest.spec.adopt ?? {});
  return adopt.map(([address, value]) => ({ agency, path: ['spec', 'adopt', address], value, scope: address }));
}

/** Newcomers are at fault; when nobody or everybody stood here before, all are, because nothing tells who is right. */
function unique(room: Room, all: readonly Claim[], say: { message: string; remedy: string }): FileFinding[] {
  return sharing(all, ({ scope, value }) => `${scope}\n${value}`)
    .map(onePerAgency)
    .filter((same) => same.length > 1)
    .flatMap((same) => {
      const newcomers = same.filter(({ agency }) => !isEstablished(agency, room));
      const atFault = newcomers.length > 0 ? newcomers : same;
      return atFault.map((claim) => taken(claim, same, say));
    });
}

/** An agency that recorded what it adopted holds one thing, not two. */
function onePerAgency(claims: readonly Claim[]): Claim[] {
  return [...new Map(claims.map((claim) => [claim.agency.source.file, claim])).values()];
}

function taken(claim: Claim, same: readonly Claim[], say: { message: string; remedy: string }): FileFinding {
  const others = same.filter((other) => other !== claim).map(({ agency }) => agency.source.file);
  const message = `${say.message} ${quote(claim.value)} is also that of ${others.join(', ')}`;
  return { ...about(claim.path, message, say.remedy), file: claim.agency.source.file };
}
