import { canonicalJson } from '../../lib/digest.ts';
import { statusLines, uidIn } from '../inventory.ts';
import { quote } from '../text.ts';
import { about, type Candidate, eachAgency, type FileFinding, type Former, type Room, type Rule } from './rule.ts';

const restoreStatus = 'restore the status block as it is on the main branch; only the provisioner writes it';

/** Status is what the provisioner trusts to find things again: a hand in it could point an agency at another's data. */
export const statusUntouched: Rule = eachAgency((agency, room) => {
  const former = room.changed?.get(agency.source.file);
  if (!former || sameStatus(former, agency)) return [];
  return [about(['status'], 'it was edited by hand', restoreStatus, 'key')];
});

export const newFilesCarryNoStatus: Rule = eachAgency(({ source, manifest }, { known }) => {
  if (!known || known.has(source.file) || manifest.status === undefined) return [];
  const remedy = 'remove the status block; to take over a thing that exists, name its id under spec.adopt';
  return [about(['status'], 'a new file carries no status', remedy, 'key')];
});

export const uidUntouched: Rule = eachAgency(({ source, manifest }, { changed }) => {
  const was = changed?.get(source.file)?.manifest?.metadata.uid;
  // What was recorded is told by `immutableFields`, which needs no merge base.
  const isTold = was === manifest.status?.resources['supabase.project']?.uid;
  if (was === undefined || was === manifest.metadata.uid || isTold) return [];
  const remedy = `go back to ${was}; everything of this agency is marked with it`;
  return [about(['metadata', 'uid'], `${quote(manifest.metadata.uid)} was ${quote(was)}, and never changes`, remedy)];
});

/** A file that is gone would leave things behind that nobody looks after, and still pays for. */
export const noneDeletedWithInventory: Rule = (room: Room): FileFinding[] =>
  [...(room.changed?.values() ?? [])]
    .filter(({ source }) => !room.files.has(source.file))
    .flatMap((former) => {
      const left = leftBehind(former);
      if (left === undefined) return [];
      const heir = heirOf(former, room);
      const [what, remedy] = heir === undefined ? ['deleted', CLOSE_IT] : [`renamed to ${heir}`, RENAME_IT];
      return [{ ...about([], `the file was ${what}, and ${left}`, remedy), file: former.source.file }];
    });

const CLOSE_IT =
  'restore the file; lifecycle: suspended closes the agency and keeps all its data, and lifecycle: retired, followed ' +
  'after its time by spec.destroy, removes it for good; after that the file may go';

const RENAME_IT = 'give the file its name back; the name of an agency never changes, spec.displayName may';

/** The file that bears its uid now. */
function heirOf({ source, manifest }: Former, { agencies, broken }: Room): string | undefined {
  const uid = manifest ? manifest.metadata.uid : uidIn(source.text);
  if (uid === undefined) return undefined;
  const heir =
    agencies.find((other) => other.manifest.metadata.uid === uid) ?? broken.find((other) => other.uid === uid);
  return heir?.source.file;
}

function leftBehind({ source, manifest }: Former): string | undefined {
  if (!manifest) return hasStatusLine(source.text) ? 'what it left behind cannot be read' : undefined;
  const addresses = Object.keys(manifest.status?.resources ?? {});
  return addresses.length === 0 ? undefined : `its inventory still holds ${addresses.join(', ')}`;
}

/** Compared by meaning. When the old file could not be read, its status has to stand in the new one word for word. */
function sameStatus(former: Former, { source, manifest }: Candidate): boolean {
  if (former.manifest) return statusDigest(former.manifest.status) === statusDigest(manifest.status);
  return statusLines(former.source.text) === statusLines(source.text);
}

function statusDigest(status: unknown): string {
  return status === undefined ? '' : canonicalJson(status);
}

function hasStatusLine(text: string): boolean {
  return statusLines(text) !== '';
}
