import { beforeAll, describe, expect, it } from 'vitest';
import { aStatus } from '../../action/src/manifest/builders.ts';
import { spliceStatus } from '../../action/src/manifest/status.ts';
import { type Agency, anAgency } from '../support/agency-manifest.ts';
import { type ControlRoom, openControlRoom, type Ran } from '../support/control-room.ts';
import { mailsTo } from '../support/people.ts';

interface Bad {
  readonly what: string;
  readonly file: string;
  readonly text: string;
  /** Line and column, complaint and remedy, as the run must tell them. */
  readonly says: string;
}

/** One bad manifest, made of a good one: `spoil` has its text, `slug` names its file. */
function bad(what: string, slug: string, spoil: (text: string, agency: Agency) => string, says: string): Bad {
  const agency = anAgency(slug);
  return { what, file: agency.file, text: spoil(agency.text(), agency), says };
}

const also = (key: string, value: unknown) => (_: string, agency: Agency) => agency.with({}, { [key]: value }).text();
const called = (displayName: string) => (_: string, agency: Agency) => agency.with({ displayName }).text();
const uidOf = (uid: string) => (_: string, agency: Agency) => agency.with({ uid }).text();
const named = (name: string) => (text: string) => text.replace(/name: .+/, `name: ${name}`);
const asIs = (text: string) => text;
const mailed = (email: string) => (_: string, agency: Agency) =>
  agency.with({ owner: { email, name: 'An Owner' } }).text();

/** Its uid is recorded, which tells it from one that copies it. */
const older = anAgency('older-works');
const good = anAgency('acme-studio');

const BOMB = ['a: &a [x, x, x, x]', 'b: &b [*a, *a, *a, *a]', 'c: &c [*b, *b, *b, *b]', 'd: [*c, *c, *c, *c]', ''];
const LONG = `a${'b'.repeat(50)}`;
// Written in two parts, because it is no placeholder of this file's.
const EXPRESSION = ['$', '{{ secrets.TOKEN }}'].join('');
const OWN_UID = 'a copied manifest needs a uid of its own: write a new random one';
const OTHER_NAME = 'choose another name, and rename the file with it';
const ANEW =
  'give it a name and a uid of its own and no status, best by npm run provision -- new <slug> --name … --owner …; or delete it';
/** The Cyrillic letter that looks like an a. */
const LIKE_ACME = '\u0430cme-lookalike';

const BAD: readonly Bad[] = [
  bad('an empty file', 'empty-file', () => '', '1:1 the file is empty — write the manifest into it, or delete it'),
  bad(
    'no YAML',
    'not-yaml',
    () => 'kind: "Agency',
    '1:14 this is not valid YAML: Missing closing "quote — mend the line; quote values that hold signs',
  ),
  bad(
    'a key twice',
    'key-twice',
    (text) => `${text}  size: micro\n  size: small\n`,
    '11:3 the key "size" stands here twice — keep one of them',
  ),
  bad(
    'an alias bomb',
    'alias-bomb',
    () => BOMB.join('\n'),
    '1:7 anchors and aliases are not taken — write the value out where it is needed',
  ),
  bad(
    '5 MB',
    'five-megabytes',
    (text) => `${text}# ${'x'.repeat(5 * 1024 * 1024)}\n`,
    '1:1 the file is larger than 64 KB — keep it under 64 KB; it holds settings, not data',
  ),
  bad(
    'a number for a text',
    'wrong-type',
    (text) => text.replace(/displayName: .+/, 'displayName: 42'),
    '8:16 spec.displayName: it is a number, not a string — quote it: "42"',
  ),
  bad(
    'a list for a mapping',
    'wrong-shape',
    (text) => text.replace(/owner: .+/, 'owner: [a, b]'),
    '9:10 spec.owner: it is a list — make it a mapping (lines of "key: value", indented)',
  ),
  bad(
    'an unknown key',
    'unknown-key',
    also('colour', 'red'),
    '10:3 spec.colour: this key is unknown — remove it; known here: displayName, owner, requestId, region, size, app, env, lifecycle, adopt, recreate, destroy',
  ),
  bad(
    'a name like a path',
    'path-name',
    named('../acme-studio'),
    '5:9 metadata.name: "../acme-studio" looks like a path — use the bare name; the file stands in agencies/ itself',
  ),
  bad(
    'a file in a folder',
    'sub/inner',
    named('inner'),
    '1:1 the file stands in a folder of agencies/ — move it to agencies/ itself',
  ),
  bad(
    'an upper-case name',
    'Upper-Case',
    asIs,
    '5:9 metadata.name: "Upper-Case" contains capital letters — write it in small letters',
  ),
  bad(
    'an over-long name',
    LONG,
    asIs,
    `5:9 metadata.name: "${LONG}" is longer than 40 characters — shorten it to at most 40 characters`,
  ),
  bad(
    'a homoglyph',
    LIKE_ACME,
    asIs,
    `5:9 metadata.name: "${LIKE_ACME}" contains letters outside a to z, some of which only look like them — type it anew with the letters a to z`,
  ),
  bad(
    'the name of another file',
    'same-name',
    named(good.slug),
    `5:9 metadata.name: the name "${good.slug}" is also that of ${good.file} — ${OTHER_NAME}`,
  ),
  bad(
    'a copy of another file',
    'copy-of-older',
    () => older.text(),
    `5:9 metadata.name: the file is a copy of ${older.file} — ${ANEW}`,
  ),
  bad(
    'one uid, here',
    'same-uid-a',
    uidOf('twin1234'),
    `6:8 metadata.uid: the uid "twin1234" is also that of agencies/same-uid-b.yaml — ${OWN_UID}`,
  ),
  bad(
    'one uid, there',
    'same-uid-b',
    uidOf('twin1234'),
    `6:8 metadata.uid: the uid "twin1234" is also that of agencies/same-uid-a.yaml — ${OWN_UID}`,
  ),
  bad(
    'the uid of an older one',
    'stolen-uid',
    uidOf(older.uid),
    `6:8 metadata.uid: the uid "${older.uid}" is also that of ${older.file} — ${OWN_UID}`,
  ),
  bad(
    'a header in the mail',
    'mail-header',
    mailed('a@b.example\r\nBcc: everybody@b.example'),
    '9:19 spec.owner.email: "a@b.example\\r\\nBcc: everybody@b.example" contains a line break, which would inject mail headers — write one address on one line',
  ),
  bad(
    'a line break in the name',
    'name-newline',
    called('Acme\nStudio'),
    '8:16 spec.displayName: it contains a line break or a tab — write it on one line',
  ),
  bad(
    'an expression in the name',
    'name-expression',
    called(`Acme ${EXPRESSION}`),
    '8:16 spec.displayName: it contains "${{", which GitHub would evaluate — leave "${{" out',
  ),
  bad(
    '300 characters in the name',
    'name-long',
    called('x'.repeat(300)),
    '8:16 spec.displayName: it is 300 characters long — shorten it to at most 100 characters',
  ),
  bad(
    'a secret that is not allowed',
    'secret-denied',
    also('env', { MAPS: { secret: 'AGENCY_OTHER_KEY' } }),
    '10:26 spec.env.MAPS.secret: fleet.yaml does not allow the secret AGENCY_OTHER_KEY for this agency — let an admin add it to spec.secrets of fleet.yaml with agencies: [secret-denied], or remove it here',
  ),
  bad(
    'a variable that we set',
    'owned-env',
    also('env', { AGENCY_NAME: 'x' }),
    '10:9 spec.env.AGENCY_NAME: the provisioner sets this variable itself — choose another name',
  ),
  bad(
    'a variable that steers us',
    'steering-env',
    also('env', { VERCEL_TOKEN: 'x' }),
    '10:9 spec.env.VERCEL_TOKEN: this variable steers the provisioner — choose another name',
  ),
  bad(
    'another region than was recorded',
    'other-region',
    (_, agency) =>
      spliceStatus(
        agency.with({}, { region: 'eu-west-1' }).text(),
        aStatus({ resources: { 'supabase.project': { id: 'zyxwvutsrqponmlkjihg', region: 'us-east-1' } } }),
      ),
    '10:11 spec.region: "eu-west-1" was "us-east-1" when the agency was created, and cannot change — go back to us-east-1; to move an agency, create another one beside it',
  ),
];

let room: ControlRoom;
let before: Record<string, string>;
let ran: Ran;

beforeAll(async () => {
  room = await openControlRoom();
  await room.write(older);
  const { report, text } = await room.apply();
  expect(report.result, text).toBe('done');
  await room.write(good);
  for (const one of BAD) await room.put(one.file, one.text);
  before = await room.files();
  room.forget();
  ran = await room.apply();
});

const slugOf = (file: string) => file.replace(/^.*\//, '').replace('.yaml', '');
const vendorNames = ({ supabaseName, vercelName }: Agency) => [supabaseName, vercelName];

describe('promise 8: all bad manifests at once, beside a good one', () => {
  it('ends red, with each bad one failed and the good one done', () => {
    expect(new Set(BAD.map(({ file }) => file)).size, 'files of their own').toBe(BAD.length);
    expect(ran.report.result).toBe('failed');
    const results = ran.report.agencies.map(({ slug, result }) => [slug, result]);
    const expected = [[good.slug, 'done'], ...BAD.map(({ file }) => [slugOf(file), 'failed'])];
    expect(results.toSorted()).toEqual(expected.toSorted());
  });

  it.each(BAD)('names the place and the remedy of $what, as event and on the screen', ({ file, says }) => {
    const problems = ran.events.flatMap((event) => (event.type === 'problem' && event.file === file ? [event] : []));
    const told = problems.map(({ line, column, message, remedy }) => `${line}:${column} ${message} — ${remedy}`);
    expect(told).toContain(says);
    expect(problems.map(({ agency }) => agency)).toEqual(problems.map(() => slugOf(file)));
    expect(ran.text).toContain(`${file}:${says}`);
  });

  it('blames nobody else', () => {
    const blamed = ran.events.flatMap((event) => (event.type === 'problem' ? [event.file] : []));
    expect([...new Set(blamed)].toSorted()).toEqual(BAD.map(({ file }) => file).toSorted());
  });

  it('leaves every file as it stood, but for the status of the good one', async () => {
    const after = await room.files();
    const changed = Object.keys({ ...before, ...after }).filter((file) => before[file] !== after[file]);
    expect(changed).toEqual([good.file]);
  });

  it('makes nothing at the vendors for any of them', async () => {
    const { projects, vercelProjects, deployments, users, mails } = await room.state();
    const names = [...projects, ...vercelProjects].map(({ name }) => name);
    expect(names.toSorted()).toEqual([older, good].flatMap(vendorNames).toSorted());
    expect([deployments, mails].map((things) => things.length)).toEqual([2, 2]);
    expect(users.map(({ email }) => email).toSorted()).toEqual([good, older].map(({ owner }) => owner.email));
    const urls = room.sent().map(({ path, body }) => `${path} ${body}`);
    const known = BAD.map(({ file }) => slugOf(file)).filter((slug) => urls.some((url) => url.includes(slug)));
    expect(known, 'slugs that a vendor heard of').toEqual([]);
  });

  it('hands the good one over', async () => {
    const { conditions } = await room.status(good.slug);
    expect(conditions.map(({ type, status }) => [type, status])).toEqual([
      ['Ready', 'True'],
      ['Notified', 'True'],
    ]);
    expect(await mailsTo(room, good.owner.email)).toHaveLength(1);
  });
});
