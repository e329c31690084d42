import { describe, expect, it } from 'vitest';
import { agencyText, anAgency, aRoom, aStatus, fleetText } from '../builders.ts';
import { loadControlRoom, type RoomInput } from '../load.ts';
import { renderProblem } from '../problem.ts';
import { spliceStatus } from '../status.ts';

const acme = agencyText();
const beta = agencyText('beta-studio', 'beta1234');
const live = (text: string, changes = {}) => spliceStatus(text, aStatus(changes));
const project = (facts: Record<string, string>) => ({ resources: { 'supabase.project': facts } });

function load(changes: Partial<RoomInput>) {
  const room = loadControlRoom(aRoom(changes));
  const bad = room.agencies.filter(({ manifest }) => !manifest).map(({ slug }) => slug);
  return { bad, problems: room.problems.map(renderProblem) };
}

const both = (a: string, b: string) => [anAgency('acme-studio', a), anAgency('beta-studio', b)];
const onlyAcme = (text: string) => [anAgency('acme-studio', text)];

describe('identity', () => {
  it('holds the name to the file', () => {
    const { problems } = load({ agencies: [anAgency('beta-studio', acme)] });
    expect(problems).toEqual([
      'agencies/beta-studio.yaml:5:9 metadata.name: "acme-studio" is not the name of the file — write name: beta-studio, or rename the file to acme-studio.yaml; the name of an agency never changes',
    ]);
  });

  describe('of one name', () => {
    const clash = 'the name "acme-studio" is also that of';
    const named = acme.replace('acme1234', 'beta1234');

    it('blames the file that is not called by it', () => {
      const { problems, bad } = load({ agencies: both(acme, named) });
      expect(problems.filter((problem) => problem.includes(clash))).toHaveLength(1);
      expect(bad).toEqual(['beta-studio']);
    });

    it('blames both where the other one may be the older', () => {
      const { bad } = load({ agencies: both(acme, live(named)) });
      expect(bad).toEqual(['acme-studio', 'beta-studio']);
    });

    it('blames both where neither file is called by it', () => {
      const agencies = [anAgency('gamma-studio', acme), anAgency('beta-studio', named)];
      const { problems, bad } = load({ agencies });
      expect(problems.filter((problem) => problem.includes(clash))).toHaveLength(2);
      expect(bad).toEqual(['gamma-studio', 'beta-studio']);
    });
  });

  describe('a copied file', () => {
    const resources = { 'supabase.project': { id: 'abcdefghijklmnopqrst' }, 'vercel.project': { id: 'prj_1' } };
    const original = live(acme, { resources });
    const copied = (text: string, file = 'copy') => [anAgency('acme-studio', original), anAgency(file, text)];
    const about = (file: string) =>
      `agencies/${file}.yaml:5:9 metadata.name: the file is a copy of agencies/acme-studio.yaml — give it a name and a uid of its own and no status, best by npm run provision -- new <slug> --name … --owner …; or delete it`;

    it.each([
      ['as it stands', original],
      ['without its status', acme],
      ['when less was recorded', live(acme, { resources: { 'vercel.project': { id: 'prj_1' } } })],
      ['with a secret that is for the original alone', `${acme}  env: { MAPS: { secret: AGENCY_MAPS_KEY } }\n`],
    ])('%s is told to be one, once, and stops nobody else', (_, text) => {
      for (const base of [undefined, { agencies: onlyAcme(original) }, { agencies: copied(text) }]) {
        const { problems, bad } = load({ agencies: copied(text), ...(base && { base }) });
        expect(problems).toEqual([about('copy')]);
        expect(bad).toEqual(['copy']);
      }
    });

    it('of an agency that was not made yet is one as well, and so is each of two', () => {
      const agencies = [...onlyAcme(acme), anAgency('copy', acme), anAgency('another', acme)];
      expect(load({ agencies }).problems).toEqual([about('another'), about('copy')]);
    });

    it.each([
      ['records what the other does not', { ...resources, 'supabase.owner': { id: 'user-1' } }],
      ['records another thing', { ...resources, 'vercel.project': { id: 'prj_2' } }],
      ['began what the other did not', { ...resources, 'vercel.env': { intent: '2026-11-23T00:00:00.000Z' } }],
    ])('that %s may be the original, so nothing is done for either', (_, held) => {
      expect(load({ agencies: copied(live(acme, { resources: held })) }).bad).toEqual(['acme-studio', 'copy']);
    });

    it('is never the one to be worked on where it took the place of the original', () => {
      const agencies = copied(original, 'old');
      const { bad } = load({ agencies, base: { agencies: [anAgency('old', original)] } });
      expect(bad).toEqual(['acme-studio', 'old']);
    });
  });

  it('names both files of one uid', () => {
    const { problems } = load({ agencies: both(acme, agencyText('beta-studio', 'acme1234')) });
    const remedy = 'a copied manifest needs a uid of its own: write a new random one';
    expect(problems).toEqual([
      `agencies/acme-studio.yaml:6:8 metadata.uid: the uid "acme1234" is also that of agencies/beta-studio.yaml — ${remedy}`,
      `agencies/beta-studio.yaml:6:8 metadata.uid: the uid "acme1234" is also that of agencies/acme-studio.yaml — ${remedy}`,
    ]);
  });

  it('blames the newcomer alone when the other was there before', () => {
    const copy = agencyText('beta-studio', 'acme1234');
    expect(load({ agencies: both(acme, copy), base: { agencies: onlyAcme(acme) } }).bad).toEqual(['beta-studio']);
    expect(load({ agencies: both(live(acme), copy) }).bad, 'or has an inventory').toEqual(['beta-studio']);
  });

  describe('when a change edits one agency and copies it', () => {
    const edited = (text: string) => text.replace('displayName: Acme Studio', 'displayName: Acme');
    const copy = agencyText('beta-studio', 'acme1234');
    const adopting = `${beta}  adopt: { supabase.project: abcdefghijklmnopqrst }\n`;
    const judge = (base: string, acmeNow: string, other: string) =>
      load({ agencies: both(acmeNow, other), base: { agencies: onlyAcme(base) } }).bad;

    it.each([
      ['the uid', acme, edited(acme), copy],
      ['the name', acme, edited(acme), acme.replace('acme1234', 'beta1234')],
      ['the recorded id', live(acme), edited(live(acme)), adopting],
      ['the uid, mended in it', `${acme}  size: [\n`, acme, copy],
      ['the recorded id, mended in it', `a: "\n${live(acme)}`, edited(live(acme)), adopting],
    ])('blames the copy alone for %s', (_, base, acmeNow, other) => {
      expect(judge(base, acmeNow, other)).toContain('beta-studio');
      expect(judge(base, acmeNow, other)).not.toContain('acme-studio');
    });

    it('blames the edited one as well when it comes by the value only now', () => {
      const before = acme.replace('acme1234', 'acme5678');
      expect(judge(before, acme, copy)).toEqual(['acme-studio', 'beta-studio']);
      const base = { agencies: both(before, copy) };
      expect(load({ agencies: both(acme, copy), base }).bad, 'the other had it').toEqual(['acme-studio']);
    });

    it('blames both when both had it', () => {
      const base = { agencies: both(acme, copy) };
      expect(load({ agencies: both(edited(acme), edited(copy)), base }).bad).toEqual(['acme-studio', 'beta-studio']);
    });
  });

  it('refuses an inventory id of another agency', () => {
    const stolen = live(beta, project({ id: 'abcdefghijklmnopqrst' }));
    const { problems, bad } = load({ agencies: both(live(acme), stolen) });
    expect(bad).toEqual(['acme-studio', 'beta-studio']);
    expect(problems[1]).toMatch(
      /^agencies\/beta-studio\.yaml:\d+:29 status\.resources\.supabase\.project\.id: the id "abcdefghijklmnopqrst" is also that of agencies\/acme-studio\.yaml — two agencies never share a thing/,
    );
  });

  describe('of an agency whose manifest is broken', () => {
    const adopting = `${beta}  adopt: { supabase.project: abcdefghijklmnopqrst }\n`;
    const theirs = 'the id "abcdefghijklmnopqrst" is also that of agencies/acme-studio.yaml';

    it.each([
      ['in its shape', live(acme).replace('displayName: Acme Studio', 'displayName: 42')],
      ['as YAML', live(acme).replace('displayName: ', 'displayName: "')],
      ['in its status', live(acme).replace('  outputs:', '  mine: 1\n  outputs:')],
      [
        'in its status, laid out anew',
        live(acme).replace('{ id:', '\n      id:').replace(', region:', '\n       region:'),
      ],
    ])('%s, nothing can be adopted', (_, broken) => {
      const { problems, bad } = load({ agencies: both(broken, adopting) });
      expect(bad).toEqual(['acme-studio', 'beta-studio']);
      expect(problems.filter((problem) => problem.includes(theirs))).toEqual([
        expect.stringContaining('agencies/beta-studio.yaml:12:30 spec.adopt.supabase.project'),
      ]);
    });

    it('no copy may bear the uid', () => {
      const broken = acme.replace('displayName: Acme Studio', 'displayName: 42');
      const { problems } = load({ agencies: both(broken, agencyText('beta-studio', 'acme1234')) });
      expect(problems).toContainEqual(
        expect.stringContaining('agencies/beta-studio.yaml:6:8 metadata.uid: the uid "acme1234" is also that of'),
      );
    });

    it('everything else stays possible', () => {
      const broken = live(acme).replace('displayName: Acme Studio', 'displayName: 42');
      const other = adopting.replace('abcdefghijklmnopqrst', 'tsrqponmlkjihgfedcba');
      expect(load({ agencies: both(broken, other) }).bad).toEqual(['acme-studio']);
    });
  });

  it('a huge broken file is searched in one pass, however it is made', () => {
    const huge = ['a'.repeat(300_000), `a:${' '.repeat(300_000)}`, 'a.'.repeat(150_000)].join('\n');
    expect(load({ agencies: both(huge, beta) }).bad).toEqual(['acme-studio']);
  });

  it('refuses to adopt what another agency holds, and lets an agency record what it adopted', () => {
    const adopting = (text: string) => `${text}  adopt: { supabase.project: abcdefghijklmnopqrst }\n`;
    expect(load({ agencies: both(live(acme), adopting(beta)) }).bad).toEqual(['beta-studio']);
    expect(load({ agencies: onlyAcme(live(adopting(acme))) }).bad).toEqual([]);
  });

  it.each([
    [
      'region',
      'region: eu-west-1',
      '12:11 spec.region: "eu-west-1" was "us-east-1" when the agency was created, and cannot change',
    ],
    [
      'uid',
      '',
      '6:8 metadata.uid: "acme1234" was "other567" when the agency was created, and cannot change',
      { id: 'x', uid: 'other567' },
    ],
    [
      'prefix of the fleet',
      '',
      '5:9 metadata.name: its things are called "old-acme-studio-acme1234", and would be "pf-acme-studio-acme1234" — go back to namePrefix: old in fleet.yaml',
      { id: 'x', uid: 'acme1234', name: 'old-acme-studio-acme1234' },
    ],
    [
      'name, also of what was adopted',
      'adopt: { supabase.project: x }',
      '5:9 metadata.name: its things are called "pf-acme-acme1234", and would be "pf-acme-studio-acme1234" — go back to the name that it was created with',
      { id: 'x', name: 'pf-acme-acme1234' },
    ],
  ])(
    'holds the %s to what was recorded',
    (_, line, problem, facts: Record<string, string> = { id: 'x', region: 'us-east-1' }) => {
      const { problems } = load({
        agencies: onlyAcme(live(line === '' ? acme : `${acme}  ${line}\n`, project(facts))),
      });
      expect(problems).toHaveLength(1);
      expect(problems[0]).toContain(`agencies/acme-studio.yaml:${problem}`);
    },
  );

  it('does not hold an agency to a default region that changed', () => {
    const fleet = { file: 'fleet.yaml', text: fleetText.replace('region: us-east-1', 'region: eu-west-1') };
    expect(load({ fleet, agencies: onlyAcme(live(acme)) }).problems).toEqual([]);
  });
});

describe('env', () => {
  const withEnv = (line: string) => onlyAcme(`${acme}  env:\n    ${line}\n`);

  it.each(['AGENCY_NAME', 'NEXT_PUBLIC_SUPABASE_URL'])('refuses %s, which the provisioner sets', (key) => {
    expect(load({ agencies: withEnv(`${key}: x`) }).problems).toEqual([
      `agencies/acme-studio.yaml:13:5 spec.env.${key}: the provisioner sets this variable itself — choose another name`,
    ]);
  });

  it.each([
    'PROVISIONER_OWNER',
    'SUPABASE_ACCESS_TOKEN',
    'VERCEL_TOKEN',
    'GITHUB_TOKEN',
    'RESEND_API_KEY',
    'INSTANCE_URL',
  ])('refuses %s, which steers the provisioner', (key) => {
    expect(load({ agencies: withEnv(`${key}: x`) }).problems).toEqual([
      `agencies/acme-studio.yaml:13:5 spec.env.${key}: this variable steers the provisioner — choose another name`,
    ]);
  });

  it('takes a secret that the fleet allows for this agency', () => {
    expect(load({ agencies: withEnv('MAPS: { secret: AGENCY_MAPS_KEY }') }).problems).toEqual([]);
  });

  it.each([
    ['for another agency only', 'beta-studio', beta, 'AGENCY_MAPS_KEY'],
    ['not at all', 'acme-studio', acme, 'AGENCY_OTHER'],
  ])('refuses a secret that the fleet allows %s', (_, slug, text, name) => {
    const agencies = [anAgency(slug, `${text}  env:\n    MAPS: { secret: ${name} }\n`)];
    expect(load({ agencies }).problems).toEqual([
      `agencies/${slug}.yaml:13:21 spec.env.MAPS.secret: fleet.yaml does not allow the secret ${name} for this agency — let an admin add it to spec.secrets of fleet.yaml with agencies: [${slug}], or remove it here`,
    ]);
  });

  it.each(['NEXT_PUBLIC_MAPS', 'VITE_MAPS'])('refuses a secret under %s, which browsers get', (key) => {
    expect(load({ agencies: withEnv(`${key}: { secret: AGENCY_MAPS_KEY }`) }).problems).toEqual([
      `agencies/acme-studio.yaml:13:5 spec.env.${key}: a variable of this name is sent to every browser, and AGENCY_MAPS_KEY is a secret — choose a name that is not, and read it on the server`,
    ]);
    expect(load({ agencies: withEnv(`${key}: for everybody to see`) }).problems).toEqual([]);
  });

  it('counts what the fleet adds against the vendor’s limit', () => {
    const fleet = { file: 'fleet.yaml', text: `${fleetText}  env: { BIG: "${'x'.repeat(60_000)}" }\n` };
    expect(load({ fleet, agencies: withEnv(`A: ${'y'.repeat(5_000)}`) }).problems).toEqual([]);
    expect(load({ fleet, agencies: withEnv(`A: ${'y'.repeat(6_000)}`) }).problems).toEqual([
      'agencies/acme-studio.yaml:12:3 spec.env: 66004 bytes of variables, with those of the fleet, are too many — shorten it: Vercel takes 64 KB of names and values for one deployment',
    ]);
  });
});

describe('against the merge base', () => {
  const base = (text: string) => ({ agencies: onlyAcme(text) });
  const restore = 'restore the status block as it is on the main branch; only the provisioner writes it';

  it.each([
    ['edited', live(acme, { outputs: {} })],
    ['removed', acme],
  ])('refuses a status that was %s by hand', (_, text) => {
    const { problems } = load({ agencies: onlyAcme(text), base: base(live(acme)) });
    expect(problems).toEqual([expect.stringMatching(new RegExp(`status: it was edited by hand — ${restore}$`))]);
  });

  it('takes a status that means the same', () => {
    const text = live(acme).replace('"True"', "'True'").replace('Acme Studio', 'Acme');
    expect(load({ agencies: onlyAcme(text), base: base(live(acme)) }).problems).toEqual([]);
  });

  it('lets people mend a file that could not be read, but not its status', () => {
    const broken = live(acme).replace('displayName: ', 'displayName: "');
    expect(load({ agencies: onlyAcme(live(acme)), base: base(broken) }).problems).toEqual([]);
    const edited = live(acme).replace('abcdefghijklmnopqrst', 'tsrqponmlkjihgfedcba');
    expect(load({ agencies: onlyAcme(edited), base: base(broken) }).problems).toHaveLength(1);
  });

  it('refuses a new file with a status', () => {
    const { problems } = load({ agencies: onlyAcme(live(acme)), base: { agencies: [] } });
    expect(problems).toEqual([
      'agencies/acme-studio.yaml:12:1 status: a new file carries no status — remove the status block; to take over a thing that exists, name its id under spec.adopt',
    ]);
  });

  it('refuses another uid', () => {
    const { problems } = load({ agencies: onlyAcme(agencyText('acme-studio', 'other567')), base: base(acme) });
    expect(problems[0]).toContain(
      '6:8 metadata.uid: "other567" was "acme1234", and never changes — go back to acme1234',
    );
  });

  it('tells of another uid once where it was recorded as well', () => {
    const { problems } = load({
      agencies: onlyAcme(live(agencyText('acme-studio', 'other567'))),
      base: base(live(acme)),
    });
    expect(problems).toEqual([
      expect.stringContaining('6:8 metadata.uid: "other567" was "acme1234" when the agency was created, and cannot'),
    ]);
  });

  it('refuses to delete a file while its inventory holds something', () => {
    const remedy =
      'restore the file; lifecycle: suspended closes the agency and keeps all its data, and lifecycle: retired, followed after its time by spec.destroy, removes it for good; after that the file may go';
    expect(load({ agencies: [], base: base(live(acme)) }).problems).toEqual([
      `agencies/acme-studio.yaml:1:1 the file was deleted, and its inventory still holds supabase.project — ${remedy}`,
    ]);
    expect(load({ agencies: [], base: base(`a: "\n${live(acme)}`) }).problems, 'unreadable').toEqual([
      `agencies/acme-studio.yaml:1:1 the file was deleted, and what it left behind cannot be read — ${remedy}`,
    ]);
    expect(load({ agencies: [], base: base(live(acme, { resources: {} })) }).problems).toEqual([]);
    expect(load({ agencies: [], base: base(acme) }).problems).toEqual([]);
    expect(load({ agencies: [], base: base(live(acme)) }).bad, 'its agency is a bad one').toEqual(['acme-studio']);
  });

  it.each([
    ['as it was', live(acme)],
    ['and its name with it', live(acme).replace('name: acme-studio', 'name: acme-works')],
    ['and broken', live(acme).replace('displayName: ', 'displayName: "')],
  ])('refuses to rename a file, %s', (_, text) => {
    const { problems, bad } = load({ agencies: [anAgency('acme-works', text)], base: base(live(acme)) });
    expect(problems[0]).toBe(
      'agencies/acme-studio.yaml:1:1 the file was renamed to agencies/acme-works.yaml, and its inventory still holds supabase.project — give the file its name back; the name of an agency never changes, spec.displayName may',
    );
    expect(bad).toEqual(['acme-works', 'acme-studio']);
  });

  it('refuses a copy beside it, and leaves the one that was there alone', () => {
    const copy = live(acme).replace('name: acme-studio', 'name: acme-works');
    const { bad } = load({
      agencies: [anAgency('acme-studio', live(acme)), anAgency('acme-works', copy)],
      base: base(live(acme)),
    });
    expect(bad).toEqual(['acme-works']);
  });
});

describe('removal', () => {
  const ids = { 'supabase.project': 'abcdefghijklmnopqrst', 'vercel.project': 'prj_1' };
  const resources = { 'supabase.project': { id: ids['supabase.project'] }, 'vercel.project': { id: 'prj_1' } };
  const wish = (lifecycle: string, destroy: Record<string, string>) =>
    `${acme}  lifecycle: ${lifecycle}\n  destroy: ${JSON.stringify(destroy)}\n`;
  const kept = { resources, retainUntil: '2026-12-25T00:00:00Z' };
  const about = (text: string) => load({ agencies: onlyAcme(text) }).problems;

  it('takes all that stands by itself, named by its id, once it is recorded as retired', () => {
    expect(about(live(wish('retired', ids), kept))).toEqual([]);
    expect(about(live(wish('retired', {}), kept))).toEqual([]);
    expect(about(live(wish('retired', ids), { ...kept, resources: {} })), 'gone already').toEqual([]);
  });

  it.each([
    [
      'of one that is not retired',
      live(wish('suspended', ids), kept),
      '13:3 spec.destroy: only a retired agency is destroyed, and this one is suspended — write lifecycle: retired and leave destroy out until status shows retainUntil',
    ],
    [
      'in the change that retires it',
      live(wish('retired', ids), { resources }),
      '13:3 spec.destroy: it is not recorded as retired yet — leave destroy out for now; once this is merged and applied, status shows how long it is kept',
    ],
    [
      'by another id',
      live(wish('retired', { ...ids, 'vercel.project': 'prj_2' }), kept),
      '13:72 spec.destroy.vercel.project: "prj_2" is not what is recorded, which is "prj_1" — write prj_1 if that is meant to be destroyed',
    ],
    [
      'in part',
      live(wish('retired', { 'vercel.project': 'prj_1' }), kept),
      '13:3 spec.destroy: it would leave a part of the agency behind — add supabase.project: abcdefghijklmnopqrst, or take destroy out',
    ],
    [
      'piece by piece',
      live(wish('retired', { ...ids, 'supabase.owner': 'u' }), kept),
      '13:80 spec.destroy.supabase.owner: this does not stand by itself — name supabase.project and vercel.project; everything else is part of them',
    ],
  ])('is refused %s', (_, text, problem) => {
    expect(about(text)).toEqual([`agencies/acme-studio.yaml:${problem}`]);
  });

  it('is for good', () => {
    const gone = {
      type: 'Ready',
      status: 'False',
      reason: 'Destroyed',
      message: 'x',
      lastTransitionTime: 'x',
    } as const;
    const status = { ...kept, resources: {}, conditions: [gone] };
    expect(about(live(wish('retired', ids), status))).toEqual([]);
    for (const text of [acme, `${acme}  lifecycle: suspended\n`]) {
      expect(about(live(text, status))).toEqual([
        expect.stringContaining(
          'spec.lifecycle: this agency was destroyed, and its uid is never used again — delete this file',
        ),
      ]);
    }
  });
});
