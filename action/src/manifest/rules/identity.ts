import { sharing } from '../group.ts';
import { idsOf, recordedIds, uidIn } from '../inventory.ts';
import type { Path, SourceFile } from '../problem.ts';
import { namesOf } from '../target.ts';
import { quote } from '../text.ts';
import { about, eachAgency, type FileFinding, type Former, type Room, type Rule } from './rule.ts';

const NAME: Path = ['metadata', 'name'];
export const UID: Path = ['metadata', 'uid'];

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
    room.agencies.map(({ source, manifest }) => claim(source, NAME, manifest.metadata.name)),
    { message: 'the name', remedy: 'choose another name, and rename the file with it' },
  );

export const uniqueUids: Rule = (room) => {
  const all = [
    ...room.agencies.map(({ source, manifest }) => ({ source, uid: manifest.metadata.uid })),
    ...room.broken,
  ];
  return unique(
    room,
    all.flatMap(({ source, uid }) => (uid === undefined ? [] : claim(source, UID, uid))),
    { message: 'the uid', remedy: 'a copied manifest needs a uid of its own: write a new random one' },
  );
};

/** Two agencies that record or adopt one thing would share a database. */
export const uniqueThings: Rule = (room) =>
  unique(room, [...inventories(room), ...adoptions(room)], {
    message: 'the id',
    remedy: 'two agencies never share a thing: restore the status as it was recorded, or adopt it for one agency only',
  });

/** What was recorded when the project was created stands for ever. */
export const immutableFields: Rule = eachAgency(({ manifest }) => {
  const recorded = manifest.status?.resources['supabase.project'] ?? {};
  const wished = {
    uid: { path: ['metadata', 'uid'], now: manifest.metadata.uid },
    region: { path: ['spec', 'region'], now: manifest.spec.region },
  };
  return Object.entries(wished).flatMap(([fact, { path, now }]) => {
    const was = recorded[fact];
    if (was === undefined || now === undefined || was === now) return [];
    const remedy = `go back to ${was}; to move an agency, create another one beside it`;
    return [about(path, `${quote(now)} was ${quote(was)} when the agency was created, and cannot change`, remedy)];
  });
});

/** The name that everything was created under is made of the fleet's prefix, the slug and the uid. */
export const nameUntouched: Rule = eachAgency(({ manifest }, { fleet }) => {
  const { name, uid } = manifest.metadata;
  const recorded = manifest.status?.resources['supabase.project'] ?? {};
  const now = fleet && namesOf(fleet, manifest).supabaseName;
  const was = recorded.name;
  if (was === undefined || now === undefined || was === now || (recorded.uid ?? uid) !== uid) return [];
  const own = `-${name}-${uid}`;
  const remedy = was.endsWith(own)
    ? `go back to namePrefix: ${was.slice(0, -own.length)} in fleet.yaml`
    : 'go back to the name that it was created with';
  return [about(['metadata', 'name'], `its things are called ${quote(was)}, and would be ${quote(now)}`, remedy)];
});

interface Claim {
  readonly file: string;
  readonly path: Path;
  readonly value: string;
  /** What the value must be unique within. */
  readonly scope: string;
}

export function claim({ file }: SourceFile, path: Path, value: string, scope = path.join('.')): Claim {
  return { file, path, value, scope };
}

function inventories({ agencies, broken }: Room): Claim[] {
  const read = agencies.map(({ source, manifest }) => ({ source, inventory: idsOf(manifest.status?.resources ?? {}) }));
  return [...read, ...broken].flatMap(({ source, inventory }) =>
    inventory.map(([address, id]) => claim(source, ['status', 'resources', address, 'id'], id, address)),
  );
}

function adoptions({ agencies }: Room): Claim[] {
  return agencies.flatMap(({ source, manifest }) =>
    Object.entries(manifest.spec.adopt ?? {}).map(([address, id]) =>
      claim(source, ['spec', 'adopt', address], id, address),
    ),
  );
}

/** Whether this is the file that an agency of this name stands in. */
export function isNamedAfter(file: string, name: string): boolean {
  return file === `agencies/${name}.yaml`;
}

/** Newcomers are at fault; when nobody or everybody stood here before, all are, because nothing tells who is right. */
function unique(room: Room, all: readonly Claim[], say: { message: string; remedy: string }): FileFinding[] {
  return sharing(all, ({ scope, value }) => `${scope}\n${value}`)
    .map(onePerFile)
    .filter((same) => same.length > 1)
    .flatMap((same) => {
      const newcomers = same.filter((one) => !isEstablished(one, room));
      const isOlder = newcomers.length > 0 && newcomers.length < same.length;
      const atFault = isOlder ? newcomers : misnamed(same);
      return atFault.map((one) => taken(one, same, say));
    });
}

/** Those that bear the name of another one's file; all where no file is called by what they share. */
function misnamed(same: readonly Claim[]): readonly Claim[] {
  const others = same.filter(({ file, path, value }) => path !== NAME || !isNamedAfter(file, value));
  return others.length < same.length ? others : same;
}

/** An agency that recorded what it adopted holds one thing, not two. */
function onePerFile(claims: readonly Claim[]): Claim[] {
  return [...new Map(claims.map((one) => [one.file, one])).values()];
}

/** Whether an agency held this before the change, so that a newcomer is at fault; what else changed does not matter. */
export function isEstablished({ file, value, scope }: Claim, room: Room): boolean {
  if (!room.known) return inventories(room).some((held) => held.file === file);
  const former = room.changed?.get(file);
  if (!former) return room.known.has(file);
  return claimsOf(former).some((was) => was.scope === scope && was.value === value);
}

/** What an agency held at the merge base; of one that could not be read then, what can be told nevertheless. */
function claimsOf({ source, manifest }: Former): Claim[] {
  const uid = manifest ? manifest.metadata.uid : uidIn(source.text);
  const ids = [...recordedIds(source), ...Object.entries(manifest?.spec.adopt ?? {})];
  return [
    ...(manifest ? [claim(source, NAME, manifest.metadata.name)] : []),
    ...(uid === undefined ? [] : [claim(source, UID, uid)]),
    ...ids.map(([address, id]) => claim(source, [], id, address)),
  ];
}

function taken({ file, path, value }: Claim, same: readonly Claim[], say: { message: string; remedy: string }) {
  const others = same.filter((other) => other.file !== file).map((other) => other.file);
  const message = `${say.message} ${quote(value)} is also that of ${others.join(', ')}`;
  return { ...about(path, message, say.remedy), file };
}
