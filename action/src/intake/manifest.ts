import { InternalError, ManifestError } from '../engine/errors.ts';
import { newManifest, slugFromName } from '../manifest/new.ts';
import { parseAgency } from '../manifest/parse.ts';
import type { Problem, SourceFile } from '../manifest/problem.ts';
import { quote } from '../manifest/text.ts';
import type { AgencyRequest } from './request.ts';

/** Far above what any field may hold: what is longer is not even put into a manifest. */
const LONGEST = 1_000;

/** What people who ask call the keys of a manifest. */
const FIELDS: Readonly<Record<string, string>> = {
  'metadata.name': 'slug',
  'spec.displayName': 'agency name',
  'spec.owner.email': 'owner email',
  'spec.owner.name': 'owner name',
  'spec.requestId': 'request id',
  'spec.region': 'region',
  'spec.app.ref': 'app ref',
};

/** A slug and a uid that are good in any manifest, to judge the rest of a request by. */
const SAMPLE = { slug: 'sample', uid: 'sample00' } as const;

/** Throws ManifestError, naming each field that no manifest could hold. */
export function assertAcceptable(request: AgencyRequest): void {
  manifestText(request, request.slug ?? SAMPLE.slug, SAMPLE.uid);
}

/**
 * The manifest that a request becomes. Its texts come back from it exactly as they are, without blanks around them, or
 * it is refused: throws ManifestError, naming each field.
 */
export function manifestText(request: AgencyRequest, slug: string, uid: string): string {
  const { id, agencyName, ownerName, ownerEmail, region, ref } = request;
  const long = tooLong({ 'agency name': agencyName, 'owner name': ownerName, 'owner email': ownerEmail });
  if (long !== undefined) throw unfit(long, 'shorten it');
  const { text, problems } = newManifest({
    displayName: agencyName.trim(),
    owner: { email: ownerEmail.trim(), name: ownerName.trim() },
    uid,
    slug,
    requestId: id,
    ...(region !== undefined && { region: region.trim() }),
    ...(ref !== undefined && { ref }),
  });
  const [first] = problems;
  if (first) throw unfit(problems.map(told).join('; '), first.remedy);
  return text;
}

/** The onboarding request that a manifest came from, also when the rest of it cannot be read. */
export function requestIdIn(source: SourceFile): string | undefined {
  const read = parseAgency(source);
  if (!read.ok) return /^[ \t]{1,20}requestId:[ \t]{0,20}["']?([A-Za-z0-9_-]{1,64})(?![\w-])/m.exec(source.text)?.[1];
  const { spec } = read.value;
  const id = typeof spec === 'object' && spec !== null && 'requestId' in spec ? spec.requestId : undefined;
  return typeof id === 'string' ? id : undefined;
}

/**
 * The slug that a request would have, were none of `taken` there. A name without a Latin letter gets one that is told
 * from others of its kind by the request. Throws ManifestError when the one that somebody typed is taken.
 */
export function wishedSlug({ id, agencyName, slug }: AgencyRequest, taken: ReadonlySet<string>): string {
  if (slug === undefined) {
    const made = slugFromName(agencyName);
    const nameless = made === 'agency' && !/agency/i.test(agencyName);
    return slugFromName(nameless ? `agency ${shortOf(id)}` : agencyName, taken);
  }
  if (!taken.has(slug)) return slug;
  throw new ManifestError(`the slug ${slug} is taken`, 'Choose another one; a slug never passes to another agency.');
}

/** The end of an id: that is where those that are counted up, and those with a time in front, differ. */
function shortOf(id: string): string {
  return id
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
    .slice(-6);
}

function tooLong(texts: Readonly<Record<string, string>>): string | undefined {
  const [field, text] = Object.entries(texts).find(([, one]) => one.length > LONGEST) ?? [];
  return field && text && `the ${field} ${quote(text, 20)} is ${text.length} characters long`;
}

function told({ path = '', message }: Problem): string {
  const field = FIELDS[path];
  if (field === undefined) throw new InternalError(`a new manifest was refused: ${message}`, 'Please open an issue.');
  return `the ${field}: ${message.replace(`${path}: `, '')}`;
}

function unfit(what: string, remedy: string): ManifestError {
  return new ManifestError(
    `the request cannot become an agency: ${what}`,
    `Mend the request (${remedy}), and approve it again.`,
  );
}
