import { parseAgency } from './parse.ts';
import type { Problem } from './problem.ts';
import { agencySchema } from './schema.ts';
import { checkShape } from './shape.ts';
import { yamlString } from './yaml-text.ts';

/** What an onboarding request says. All of it is foreign text. */
export interface NewAgency {
  readonly displayName: string;
  readonly owner: { readonly email: string; readonly name: string };
  /** Random, 8 to 12 small letters and digits; the caller's chance makes it. */
  readonly uid: string;
  /** Made from the display name when absent. */
  readonly slug?: string;
  /** Slugs that exist, so that a made slug gets a number instead of colliding. */
  readonly taken?: ReadonlySet<string>;
  readonly requestId?: string;
  readonly region?: string;
  readonly size?: string;
  /** Tag, branch or commit of the app; the fleet's when absent. */
  readonly ref?: string;
}

export interface NewManifest {
  readonly slug: string;
  readonly text: string;
  /** What is wrong with the request, with places in `text`; empty when the manifest is good. */
  readonly problems: readonly Problem[];
}

/** The manifest of a new agency. Foreign text is quoted so that it stays text, and checked like any other manifest. */
export function newManifest(agency: NewAgency): NewManifest {
  const slug = agency.slug ?? slugFromName(agency.displayName, agency.taken);
  const text = render(slug, agency);
  const source = { file: `agencies/${slug}.yaml`, text };
  const parsed = parseAgency(source);
  const shape = parsed.ok ? checkShape(agencySchema, parsed.value, source) : parsed;
  return { slug, text, problems: shape.ok ? [] : shape.problems };
}

/** The line that gives editors the schema, https://github.com/redhat-developer/yaml-language-server#using-inlined-schema */
const modeline = '# yaml-language-server: $schema=./agency.schema.json';

function render(slug: string, { displayName, owner, uid, requestId, region, size, ref }: NewAgency): string {
  const optional = Object.entries({ requestId, region, size });
  const lines = [
    modeline,
    'apiVersion: provisioner/v1',
    'kind: Agency',
    'metadata:',
    `  name: ${yamlString(slug)}`,
    `  uid: ${yamlString(uid)}`,
    'spec:',
    `  displayName: ${yamlString(displayName)}`,
    '  owner:',
    `    email: ${yamlString(owner.email)}`,
    `    name: ${yamlString(owner.name)}`,
    ...optional.flatMap(([key, value]) => (value === undefined ? [] : [`  ${key}: ${yamlString(value)}`])),
    ...(ref === undefined ? [] : ['  app:', `    ref: ${yamlString(ref)}`]),
  ];
  return `${lines.join('\n')}\n`;
}

const LONGEST_SLUG = 40;

/** Letters that Unicode does not take apart into a base letter and an accent. */
const spelled: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ł: 'l',
  ı: 'i',
  '&': ' and ',
};

/**
 * A slug out of a name: accents dropped, everything else that is not a letter or a digit made a hyphen, and a number
 * added when the slug is taken. A name without any Latin letter or digit gives `agency`.
 */
export function slugFromName(name: string, taken: ReadonlySet<string> = new Set()): string {
  const words = Array.from(name.toLowerCase(), (sign) => spelled[sign] ?? sign)
    .join('')
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .replace(/['’]/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  const base = /^[a-z].{2}/.test(words) ? words : `agency-${words}`.replace(/-$/, '');
  for (let number = 1; ; number++) {
    const slug = numbered(base, number);
    if (!taken.has(slug)) return slug;
  }
}

function numbered(base: string, number: number): string {
  const suffix = number === 1 ? '' : `-${number}`;
  return base.slice(0, LONGEST_SLUG - suffix.length).replace(/-+$/, '') + suffix;
}
