import { describe, expect, it } from 'vitest';
import { agencyText, anAgency, aRoom, aStatus, fleetText } from './builders.ts';
import { loadControlRoom } from './load.ts';
import { renderProblem } from './problem.ts';
import { spliceStatus } from './status.ts';

const good = agencyText();
const env = (line: string) => `${good}  env:\n    ${line}\n`;
const named = (name: string) => good.replace('Acme Studio', () => name);
const mailed = (mail: string) => good.replace('owner@acme.example', () => mail);

/** What is wrong with one manifest beside a good one, as people read it. */
function problemsOf(text: string, file = 'agencies/acme-studio.yaml'): string[] {
  const room = loadControlRoom(
    aRoom({ agencies: [{ file, text }, anAgency('beta-studio', agencyText('beta-studio', 'beta1234'))] }),
  );
  expect(room.fleet, 'a bad manifest leaves the fleet alone').toBeDefined();
  expect(room.agencies[1]?.manifest, 'and every other agency').toBeDefined();
  expect(room.agencies[0]?.manifest, 'but stops its own').toBeUndefined();
  return room.problems.map(renderProblem);
}

describe('a file that is not a manifest', () => {
  it.each([
    ['empty', '', '1:1 the file is empty — write the manifest into it, or delete it'],
    ['blank', '\n  \n', '1:1 the file is empty — write the manifest into it, or delete it'],
    ['a comment only', '# later\n', '1:1 the file is empty — write the manifest into it, or delete it'],
    ['text', 'hello', '1:1 the file is not a mapping — write it as lines of "key: value"'],
    ['a list', '- a\n- b\n', '1:1 the file is not a mapping — write it as lines of "key: value"'],
    [
      'JSON',
      '{"kind": "Agency"}',
      '1:1 the file is one flow mapping — write it as lines of "key: value", without outer braces',
    ],
    ['indented', '  kind: Agency\n', '1:3 the file is indented as a whole — begin its keys at the left margin'],
    [
      'not YAML',
      'kind: "Agency',
      '1:14 this is not valid YAML: Missing closing "quote — mend the line; quote values that hold signs',
    ],
    ['a tab', 'spec:\n\tsize: micro\n', '2:1 a tab is used for indentation — indent with spaces'],
    [
      'a colon in a value',
      'kind: a: b\n',
      '1:7 a value here contains ": " or is indented further than its key allows — put the value in quotes, or mend the indentation',
    ],
    [
      'two documents',
      'kind: Agency\n---\nkind: Agency\n',
      '2:1 the file holds several YAML documents — keep one; a line of --- begins another',
    ],
    [
      'a directive',
      '%YAML 1.1\n---\nkind: yes\n',
      '3:1 the file begins with a YAML directive — remove the lines that begin with %',
    ],
    [
      'an end marker',
      'kind: Agency\n...\n',
      '1:1 the file ends with a document end marker — remove the line of three dots',
    ],
    [
      'a byte-order mark',
      `\ufeff${good}`,
      '1:1 the file contains a byte-order mark (U+FEFF) — remove it, and save the file as UTF-8 without a byte-order mark',
    ],
    [
      'NUL',
      'kind: A\u0000\n',
      '1:8 the file contains a control character (U+0000) — remove it, and save the file as UTF-8 without a byte-order mark',
    ],
    [
      'not UTF-8',
      'kind: \ufffd\n',
      '1:7 the file contains a character that is not valid UTF-8 (U+FFFD) — remove it, and save the file as UTF-8 without a byte-order mark',
    ],
    [
      'reversed text',
      'kind: a\n# \u202e\n',
      '2:3 the file contains a character that reverses the order of text (U+202E) — remove it, and save the file as UTF-8 without a byte-order mark',
    ],
    [
      'zero-width',
      'kind: a\u200bb\n',
      '1:8 the file contains an invisible character (U+200B) — remove it, and save the file as UTF-8 without a byte-order mark',
    ],
    [
      'an old Mac line end',
      'kind: a\rname: b\n',
      '1:8 the file contains a lone carriage return (U+000D) — remove it, and save the file as UTF-8 without a byte-order mark',
    ],
    [
      '5 MB',
      `${good}# ${'x'.repeat(5 * 1024 * 1024)}\n`,
      '1:1 the file is larger than 64 KB — keep it under 64 KB; it holds settings, not data',
    ],
    [
      '65 KB of two-byte letters',
      `${good}# ${'é'.repeat(33_000)}\n`,
      '1:1 the file is larger than 64 KB — keep it under 64 KB; it holds settings, not data',
    ],
    [
      'a depth bomb of lists',
      `spec: x\n${'- '.repeat(20_000)}\n`,
      '2:1 the file nests too deeply — flatten it; manifests nest a few levels',
    ],
    [
      'a depth bomb of brackets',
      `spec: ${'['.repeat(20_000)}\n`,
      '1:7 the file nests too deeply — flatten it; manifests nest a few levels',
    ],
    [
      'a depth bomb of blanks',
      `spec:\n${' '.repeat(20_000)}a: b\n`,
      '2:1 the file nests too deeply — flatten it; manifests nest a few levels',
    ],
  ])('%s', (_, text, problem) => {
    expect(problemsOf(text)).toEqual([`agencies/acme-studio.yaml:${problem}`]);
  });

  it.each([
    [
      'a duplicate key',
      `${good}  size: micro\n  size: small\n`,
      '13:3 the key "size" stands here twice — keep one of them',
    ],
    ['a merge key', env('<<: { A: b }'), '13:5 merge keys are not taken — write the keys out'],
    ['a tag', env('A: !!str b'), '13:14 tags are not taken — remove the tag (the word that begins with "!")'],
    [
      'an unknown tag',
      env('A: !secret b'),
      '13:16 tags are not taken — remove the tag (the word that begins with "!")',
    ],
    [
      'an unused anchor',
      env('A: &x b'),
      '13:11 anchors and aliases are not taken — write the value out where it is needed',
    ],
    [
      'an alias of nothing',
      env('A: *x'),
      '13:8 anchors and aliases are not taken — write the value out where it is needed',
    ],
    ['__proto__', env('__proto__: b'), '13:5 "__proto__" is not a key — remove it'],
    ['a list as a key', env('? [a]\n    : b'), '13:7 a key is not plain text — write the key as a word'],
  ])('%s', (_, text, problem) => {
    expect(problemsOf(text)).toEqual([`agencies/acme-studio.yaml:${problem}`]);
  });

  it('refuses an alias bomb at its first anchor, without expanding it', () => {
    const levels = 'abcdefghi'
      .split('')
      .map((name, n, all) => `${name}: &${name} [${Array(9).fill(n ? `*${all[n - 1]}` : 'x')}]`);
    const problems = problemsOf(`${levels.join('\n')}\n`);
    expect(problems[0]).toBe(
      'agencies/acme-studio.yaml:1:7 anchors and aliases are not taken — write the value out where it is needed',
    );
    expect(problems).toHaveLength(9 + 8 * 9);
  });
});

describe('a manifest of the wrong shape', () => {
  it.each([
    ['a number', named('42'), '8:16 spec.displayName: it is a number, not a string — quote it: "42"'],
    ['a boolean', env('FEATURE: true'), '13:14 spec.env.FEATURE: it is a boolean, not a string — quote it: "true"'],
    ['a number in env', env('PORT: 8080'), '13:11 spec.env.PORT: it is a number, not a string — quote it: "8080"'],
    ['nothing', env('EMPTY:'), '13:11 spec.env.EMPTY: it is empty — give it a value, or remove the line'],
    ['a list for a string', named('[a]'), '8:16 spec.displayName: it is a list — make it a string'],
    [
      'a string for a mapping',
      `${good}  app: v2\n`,
      '12:8 spec.app: it is the string "v2" — make it a mapping (lines of "key: value", indented)',
    ],
    ['an unknown key', `${good}  regoin: us-east-1\n`, '12:3 spec.regoin: this key is unknown — write region'],
    [
      'an unknown key at the root',
      `${good}extra: 1\n`,
      '12:1 extra: this key is unknown — remove it; known here: apiVersion, kind, metadata, spec, status',
    ],
    [
      'a missing key',
      good.replace('    name: Acme Owner\n', ''),
      '9:3 spec.owner.name: it is missing — add "name:" under spec.owner',
    ],
    ['a missing kind', good.replace('kind: Agency\n', ''), '2:1 kind: it is missing — add "kind:" at the left margin'],
    [
      'another version',
      good.replace('provisioner/v1', 'provisioner/v2'),
      '2:13 apiVersion: "provisioner/v2" is not known here — write provisioner/v1',
    ],
    [
      'an env key',
      env('MY-KEY: a'),
      '13:5 spec.env.MY-KEY: "MY-KEY" is not allowed here — use letters, digits and underscores, and begin with no digit',
    ],
    [
      'an env secret of no AGENCY_',
      env('A: { secret: SUPABASE_ACCESS_TOKEN }'),
      '13:18 spec.env.A.secret: "SUPABASE_ACCESS_TOKEN" is not allowed here — use capitals, digits and underscores, beginning with AGENCY_',
    ],
    [
      'a mapping as env value',
      env('A: { value: b }'),
      '13:5 spec.env.A.secret: it is missing — add "secret:" under spec.env.A',
    ],
    ['a size', `${good}  size: huge\n`, '12:9 spec.size: "huge" is not known here — write one of nano, micro,'],
    [
      'a region',
      `${good}  region: eu-west1\n`,
      '12:11 spec.region: "eu-west1" is not known here — write eu-west-1, or another of us-east-1,',
    ],
    [
      'the lifecycle deleted',
      `${good}  lifecycle: deleted\n`,
      '12:14 spec.lifecycle: "deleted" is not known here — write one of active, suspended, retired',
    ],
    [
      'a list of what to destroy',
      `${good}  destroy: [supabase.project]\n`,
      '12:12 spec.destroy: it is a list — make it a mapping',
    ],
    ['a lifecycle of nothing', `${good}  lifecycle:\n`, '12:13 spec.lifecycle: it is empty — give it a value'],
    [
      'a list of what to recreate',
      `${good}  recreate: [supabase.project]\n`,
      '12:13 spec.recreate: it is a list — make it a mapping',
    ],
    [
      'an address to adopt with a slip in it',
      `${good}  adopt: { supabase.projct: abcdefghijklmnopqrst }\n`,
      '12:12 spec.adopt.supabase.projct: this key is unknown — write supabase.project',
    ],
    [
      'an address to recreate with a slip in it',
      `${good}  recreate:\n    vercel.proyect: prj_x\n`,
      '13:5 spec.recreate.vercel.proyect: this key is unknown — write vercel.project',
    ],
    [
      'an address of what is made anew by itself',
      `${good}  recreate: { vercel.env: x }\n`,
      '12:15 spec.recreate.vercel.env: this key is unknown — remove it; known here: supabase.project, supabase.owner, vercel.project',
    ],
    [
      'a git ref',
      `${good}  app: { ref: "--upload-pack=x" }\n`,
      '12:15 spec.app.ref: "--upload-pack=x" is not allowed here — use a tag, branch or commit of the app repository',
    ],
  ])('%s', (_, text, problem) => {
    expect(problemsOf(text).at(0)).toContain(`agencies/acme-studio.yaml:${problem}`);
  });

  it('reports all problems of all files at once, in order', () => {
    const bad = named('42').replace('owner@acme.example', 'nobody');
    const room = loadControlRoom(
      aRoom({
        agencies: [anAgency('zeta-studio', bad), anAgency('acme-studio', '')],
        fleet: { file: 'fleet.yaml', text: '' },
      }),
    );
    expect(room.problems.map(({ file, line, column }) => `${file}:${line}:${column}`)).toEqual([
      'agencies/acme-studio.yaml:1:1',
      'agencies/zeta-studio.yaml:8:16',
      'agencies/zeta-studio.yaml:10:12',
      'fleet.yaml:1:1',
    ]);
  });
});

describe('names and addresses', () => {
  it.each([
    ['quotes', `'Acme "The" Studio'`],
    ['HTML', '"<b>Acme</b> & Co"'],
    ['emoji', 'Acme 👩‍💻🏳️‍🌈'],
    ['a hundred letters', 'x'.repeat(100)],
    ['another script', 'アクメ工房'],
    ['text from right to left', 'סטודיו אקמה'],
  ])('a display name with %s is only text', (_, name) => {
    expect(loadControlRoom(aRoom({ agencies: [anAgency('acme-studio', named(name))] })).problems).toEqual([]);
  });

  it.each([
    ['300 letters', 'x'.repeat(300), 'it is 300 characters long — shorten it to at most 100 characters'],
    ['a line break', '"a\\nb"', 'it contains a line break or a tab — write it on one line'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: GitHub's syntax, as foreign text
    ['an expression', '"a ${{ secrets.X }}"', 'it contains "${{", which GitHub would evaluate — leave "${{" out'],
    ['an escaped control', '"a\\x07"', 'it contains a control character (U+0007) — remove that character'],
    [
      'escaped reversal',
      '"a\\u202Eb"',
      'it contains a character that reverses the order of text (U+202E) — remove that character',
    ],
    ['blanks only', '"   "', 'it is empty — give it a name'],
  ])('a display name with %s is refused', (_, name, told) => {
    expect(problemsOf(named(name))).toEqual([`agencies/acme-studio.yaml:8:16 spec.displayName: ${told}`]);
  });

  it.each([
    [
      'header injection',
      '"a@b.example\\r\\nBcc: x@y.example"',
      'contains a line break, which would inject mail headers — write one address on one line',
    ],
    [
      'two addresses',
      '"a@b.example,c@d.example"',
      'holds more than one address — name exactly one owner; the owner can invite others',
    ],
    [
      'a display name',
      'Eve <eve@b.example>',
      'contains a display name or a comment — write the bare address, such as owner@example.com',
    ],
    [
      'a domain that only looks right',
      'owner@аcme.example',
      'has letters outside ASCII in its domain, some of which only look like others — write the domain in punycode (xn--…), after checking whose it is',
    ],
    ['no domain', 'owner', 'does not contain exactly one @ — write it as name@example.com'],
    ['a bare host', 'owner@localhost', 'is not a mail address — write it as name@example.com'],
  ])('a mail with %s is refused', (_, mail, told) => {
    expect(problemsOf(mailed(mail))).toEqual([
      expect.stringMatching(/^agencies\/acme-studio\.yaml:10:12 spec\.owner\.email: /),
    ]);
    expect(problemsOf(mailed(mail))[0]).toContain(told);
  });

  it('takes a punycode domain and writes addresses in small letters', () => {
    const room = loadControlRoom(aRoom({ agencies: [anAgency('acme-studio', mailed('Owner@XN--CME-8CD.example'))] }));
    expect(room.agencies[0]?.manifest?.spec.owner.email).toBe('owner@xn--cme-8cd.example');
  });

  it.each([
    ['a path', '../../etc/passwd', 'looks like a path — use the bare name; the file stands in agencies/ itself'],
    ['capitals', 'Acme-Studio', 'contains capital letters — write it in small letters'],
    ['41 letters', 'a'.repeat(41), 'is longer than 40 characters — shorten it to at most 40 characters'],
    [
      'a homoglyph',
      'аcme-studio',
      'contains letters outside a to z, some of which only look like them — type it anew with the letters a to z',
    ],
    ['two hyphens', 'acme--studio', 'contains two hyphens in a row — use single hyphens'],
    ['a last hyphen', 'acme-', 'ends with a hyphen — end it with a letter or a digit'],
    ['a first digit', '4acme', 'does not begin with a letter — begin it with a letter from a to z'],
    ['an underscore', 'acme_studio', 'contains a character other than a to z, 0 to 9 and "-" — replace it by a hyphen'],
    ['two letters', 'ac', 'is shorter than 3 characters — use at least 3 characters'],
  ])('a slug with %s is refused', (_, slug, told) => {
    expect(problemsOf(good.replace('name: acme-studio', `name: ${slug}`))).toEqual([
      `agencies/acme-studio.yaml:5:9 metadata.name: ${JSON.stringify(slug)} ${told}`,
    ]);
  });

  it.each([
    ['agencies/Acme.yaml', '1:1 the file’s name: "Acme" contains capital letters — write it in small letters'],
    [
      'agencies/acme-studio.yml',
      '1:1 the file’s name does not end with .yaml — rename it, or move it out of agencies/',
    ],
    ['agencies/old/acme-studio.yaml', '1:1 the file stands in a folder of agencies/ — move it to agencies/ itself'],
  ])('a file named %s is refused', (file, problem) => {
    expect(problemsOf(good, file)[0]).toBe(`${file}:${problem}`);
  });

  it.each([
    ['that would be a good one', 'acme-studio.yml', good],
    ['that is none', 'notes.txt', '{ call: them }'],
    ['with other mistakes', 'acme-studio.yaml.bak', named('42')],
  ])('a file %s and ends with something else is told nothing but that', (_, file, text) => {
    expect(problemsOf(text, `agencies/${file}`)).toEqual([
      `agencies/${file}:1:1 the file’s name does not end with .yaml — rename it, or move it out of agencies/`,
    ]);
  });

  it('passes over the README and the schema of the folder', () => {
    const others = ['README.md', 'agency.schema.json', '.gitkeep'].map((name) => ({
      file: `agencies/${name}`,
      text: '{',
    }));
    const room = loadControlRoom(aRoom({ agencies: [anAgency(), ...others] }));
    expect(room.agencies.map(({ slug }) => slug)).toEqual(['acme-studio']);
    expect(room.problems).toEqual([]);
  });
});

describe('a bad fleet or migration', () => {
  it.each([
    [
      'another repository',
      aRoom({ repository: 'someone/copy' }),
      'fleet.yaml:4:15 spec.repository: this fleet belongs to example/agency-control-room, and the run is in someone/copy — run it there; a copy needs a fleet.yaml of its own, with another organization, team and namePrefix',
    ],
    [
      'no fleet',
      aRoom({ fleet: { file: 'fleet.yaml', text: '' } }),
      'fleet.yaml:1:1 the file is empty — write the manifest into it, or delete it',
    ],
    [
      'an empty migration',
      aRoom({ migrations: [{ file: 'migrations/agency/20260101000000_a.sql', text: '-- nothing\n' }] }),
      'migrations/agency/20260101000000_a.sql:1:1 the migration is empty — write a statement into it, or delete the file',
    ],
  ])('%s stops everybody', (_, input, problem) => {
    const room = loadControlRoom(input);
    expect(room.fleet).toBeUndefined();
    expect(room.problems.map(renderProblem)).toEqual([problem]);
  });

  it('takes a repository that differs in capitals only, as GitHub does', () => {
    expect(loadControlRoom(aRoom({ repository: 'Example/Agency-Control-Room' })).problems).toEqual([]);
  });

  it.each([
    [
      'the secret key in browsers',
      '  instanceEnv: { secretKey: NEXT_PUBLIC_KEY }\n',
      '13:29 spec.instanceEnv.secretKey: "NEXT_PUBLIC_KEY" is sent to every browser — choose a name that is not',
    ],
    [
      'one name for two',
      '  instanceEnv: { supabaseUrl: AGENCY_NAME }\n',
      'spec.instanceEnv.agencyName: "AGENCY_NAME" is the name of two variables — give each its own name',
    ],
    [
      'a secret for all that is not',
      '  env: { MAPS: { secret: AGENCY_MAPS_KEY } }\n',
      '13:26 spec.env.MAPS.secret: the secret AGENCY_MAPS_KEY is not allowed for all agencies — add it to spec.secrets with agencies: all',
    ],
    [
      'a secret for browsers',
      '  env: { NEXT_PUBLIC_MAPS: { secret: AGENCY_MAPS_KEY } }\n',
      '13:10 spec.env.NEXT_PUBLIC_MAPS: a variable of this name is sent to every browser, and AGENCY_MAPS_KEY is a secret — choose a name that is not, and read it on the server',
    ],
    [
      'an owned env key',
      '  env: { VERCEL_TOKEN: x }\n',
      '13:10 spec.env.VERCEL_TOKEN: this variable steers the provisioner — choose another name',
    ],
    [
      'a health path of another host',
      '  healthPath: //evil.example\n',
      '13:15 spec.healthPath: "//evil.example" is not allowed here — use a path that begins with one slash',
    ],
    ['a concurrency of none', '  concurrency: 0\n', '13:16 spec.concurrency: "0" is out of bounds — use 1 to 64'],
  ])('%s', (_, lines, problem) => {
    const room = loadControlRoom(aRoom({ fleet: { file: 'fleet.yaml', text: fleetText + lines } }));
    expect(room.problems.map(renderProblem).join('\n')).toContain(problem);
    expect(room.fleet).toBeUndefined();
  });
});

describe('the order of two readings', () => {
  it('reads a manifest with our own status like any other', () => {
    const text = spliceStatus(good, aStatus());
    const room = loadControlRoom(aRoom({ agencies: [anAgency('acme-studio', text)] }));
    expect(room.agencies[0]?.manifest?.status).toEqual(aStatus());
  });
});
