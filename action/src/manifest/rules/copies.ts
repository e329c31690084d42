import { sharing } from '../group.ts';
import { claim, isEstablished, isNamedAfter, UID } from './identity.ts';
import { about, type Candidate, type FileFinding, type Room } from './rule.ts';

/**
 * The agencies that are copies of another file: of the same name and uid, and recording nothing that the file which
 * bears that name does not record. Where the copy may be the older of the two, nobody can tell, and there is none.
 */
export function copiesIn(room: Room): ReadonlyMap<Candidate, Candidate> {
  const alike = sharing(room.agencies, ({ manifest: { metadata } }) => `${metadata.name}\n${metadata.uid}`);
  return new Map(
    alike.flatMap((group) => {
      const original = group.find(({ source, manifest }) => isNamedAfter(source.file, manifest.metadata.name));
      if (!original) return [];
      const others = group.filter((one) => one !== original && isCopy(one, original, room));
      return others.map((one) => [one, original] as const);
    }),
  );
}

function isCopy(one: Candidate, original: Candidate, room: Room): boolean {
  const held = new Set(thingsOf(original));
  if (!thingsOf(one).every((thing) => held.has(thing))) return false;
  return hadItsUid(original, room) || !hadItsUid(one, room);
}

function thingsOf({ manifest }: Candidate): string[] {
  const resources = Object.entries(manifest.status?.resources ?? {});
  return resources.map(([address, { id, intent }]) => `${address}\n${id ?? intent ?? ''}`);
}

function hadItsUid({ source, manifest }: Candidate, room: Room): boolean {
  return isEstablished(claim(source, UID, manifest.metadata.uid), room);
}

/** One finding each: nothing in a copy is worth mending by itself. */
export function aboutCopies(copies: ReadonlyMap<Candidate, Candidate>): FileFinding[] {
  return [...copies].map(([{ source }, original]) => {
    const message = `the file is a copy of ${original.source.file}`;
    const remedy =
      'give it a name and a uid of its own and no status, best by npm run provision -- new <slug> --name … --owner …; or delete it';
    return { ...about(['metadata', 'name'], message, remedy), file: source.file };
  });
}
