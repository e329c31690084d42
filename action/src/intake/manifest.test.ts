import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { aRequest } from '../../../tests/support/intake-rig.ts';
import { ManifestError } from '../engine/errors.ts';
import { aRoom } from '../manifest/builders.ts';
import { loadControlRoom } from '../manifest/load.ts';
import { slugPattern } from '../manifest/slug.ts';
import { assertAcceptable, manifestText, requestIdIn, wishedSlug } from './manifest.ts';
import type { AgencyRequest } from './request.ts';

/** The request as its manifest says it, by our own reader and by a plain one; `undefined` when it is refused. */
function throughYaml(request: AgencyRequest) {
  const text = refusalOf(request) === undefined ? manifestText(request, 'acme-studio', 'acme1234') : undefined;
  if (text === undefined) return undefined;
  const { agencies, problems } = loadControlRoom(aRoom({ agencies: [{ file: 'agencies/acme-studio.yaml', text }] }));
  expect(problems).toEqual([]);
  const spec = agencies[0]?.manifest?.spec;
  expect(parse(text)).toEqual({
    apiVersion: 'provisioner/v1',
    kind: 'Agency',
    metadata: { name: 'acme-studio', uid: 'acme1234' },
    spec: { displayName: spec?.displayName, owner: spec?.owner, requestId: spec?.requestId },
  });
  return spec;
}

function refusalOf(request: AgencyRequest): string | undefined {
  try {
    assertAcceptable(request);
    return undefined;
  } catch (thrown) {
    if (!(thrown instanceof ManifestError)) throw thrown;
    return `${thrown.message} ${thrown.remedy}`;
  }
}

describe('the manifest of a request', () => {
  it.each([
    '<script>alert(1)</script>',
    '![x](https://evil.example/beacon.png) @everyone #1',
    "Robert'); DROP TABLE agency_onboarding_requests;--",
    '&anchor Acme',
    '*alias',
    '!!js/function "x"',
    '--- # two',
    '%YAML 1.1',
    '{ a: b }',
    'a: b # c',
    '- a',
    '"quoted" \'twice\' \\ back',
    '| folded',
    'null',
    '0x1F',
    '2026-01-01',
    'アクメ株式会社',
    '👩‍🚀 Space',
    `$(rm -rf /) \`id\` $PATH`,
  ])('says exactly %j', (text) => {
    const spec = throughYaml(aRequest('r1', { agencyName: text, ownerName: text }));
    expect(spec).toMatchObject({ displayName: text, owner: { name: text, email: 'owner@acme.example' } });
  });

  it.each([
    ['an expression', `a \${{ secrets.X }}`, 'GitHub would evaluate'],
    ['a mark that reverses the text', 'Acme \u202egnp.exe', 'reverses the order of text (U+202E)'],
    ['a control character', 'Acme\u0007', 'a control character (U+0007)'],
    ['an invisible character', 'Ac\u200bme', 'an invisible character (U+200B)'],
    ['a line break', 'Acme\nrequestId: r2', 'a line break'],
    ['several documents', 'Acme\n---\nkind: Agency', 'a line break'],
    ['200 characters', 'a'.repeat(200), '200 characters long'],
    ['10,000 characters', 'a'.repeat(10_000), '10000 characters long'],
    ['a megabyte', 'a'.repeat(1_000_000), '1000000 characters long'],
    ['nothing to see', ' \u00a0 ', 'it is empty'],
  ])('is refused for %s, naming the field', (_, agencyName, why) => {
    const refusal = refusalOf(aRequest('r1', { agencyName }));
    expect(refusal).toContain('the agency name');
    expect(refusal).toContain(why);
    expect(refusal?.length).toBeLessThan(400);
  });

  it.each([
    ['owner email', { ownerEmail: 'a@b.example\nBcc: c@d.example' }],
    ['owner email', { ownerEmail: 'a@b.example, c@d.example' }],
    ['owner name', { ownerName: '' }],
    ['region', { region: 'eu-atlantis-1' }],
    ['request id', { id: '../../main' }],
    ['request id', { id: 'a'.repeat(65) }],
    ['slug', { slug: 'Acme' }],
    ['app ref', { ref: '--upload-pack=x' }],
  ])('is refused for a bad %s: %j', (field, changes) => {
    expect(refusalOf(aRequest('r1', changes))).toContain(`the ${field}: `);
  });

  it('names every field that is wrong', () => {
    const refusal = refusalOf(aRequest('r1', { agencyName: '', region: 'x', ownerEmail: 'nobody' }));
    expect(refusal).toMatch(/the agency name: .*; the owner email: .*; the region: /);
  });

  it('says whatever was asked, or is refused', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), (agencyName, ownerName) => {
        const spec = throughYaml(aRequest('r1', { agencyName, ownerName }));
        if (!spec) return;
        expect(spec.displayName).toBe(agencyName.trim());
        expect(spec.owner).toEqual({ email: 'owner@acme.example', name: ownerName.trim() });
      }),
      { numRuns: 300 },
    );
  });
});

describe('the request of a manifest', () => {
  const file = 'agencies/a.yaml';

  it.each([
    ['a good one', manifestText(aRequest('r-1'), 'acme-studio', 'acme1234'), 'r-1'],
    ['one that cannot be read', 'spec:\n  requestId: r-1\n  x: [\n', 'r-1'],
    ['one without', 'spec:\n  displayName: "requestId: r-1"\n', undefined],
    ['no manifest', '- 1\n', undefined],
  ])('is found in %s', (_, text, id) => {
    expect(requestIdIn({ file, text })).toBe(id);
  });
});

describe('the slug that a request wishes', () => {
  it.each([
    ['Acme Studio', 'acme-studio'],
    ['アクメ株式会社', 'agency-91abcd'],
    ['!!!', 'agency-91abcd'],
    ['Agency', 'agency'],
  ])('of %s is %s', (agencyName, slug) => {
    expect(wishedSlug(aRequest('0b0e2c7e-0000-4000-8000-00000091ABCD', { agencyName }), new Set())).toBe(slug);
  });

  it('is the one that somebody typed, or none', () => {
    const request = aRequest('r1', { slug: 'acme' });
    expect(wishedSlug(request, new Set(['other']))).toBe('acme');
    expect(() => wishedSlug(request, new Set(['acme']))).toThrow('the slug acme is taken');
  });

  it('always is a slug that nobody has', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/), (agencyName, id) => {
        const taken = new Set<string>();
        for (let count = 0; count < 3; count += 1) {
          const slug = wishedSlug(aRequest(id, { agencyName }), taken);
          expect(slug).toMatch(slugPattern);
          expect(taken.has(slug)).toBe(false);
          taken.add(slug);
        }
      }),
    );
  });
});
