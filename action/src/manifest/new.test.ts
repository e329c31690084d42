import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aRoom } from './builders.ts';
import { loadControlRoom } from './load.ts';
import { newManifest, slugFromName } from './new.ts';
import { slugPattern } from './slug.ts';

const request = {
  displayName: 'Acme Studio',
  owner: { email: 'owner@acme.example', name: 'Acme Owner' },
  uid: 'acme1234',
};

describe('newManifest', () => {
  it('is a good manifest, with the line that gives editors the schema', () => {
    const { slug, text, problems } = newManifest({ ...request, requestId: '0b0e2c7e-1', region: 'eu-west-1' });
    expect(problems).toEqual([]);
    expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=./agency.schema.json');
    const room = loadControlRoom(aRoom({ agencies: [{ file: `agencies/${slug}.yaml`, text }] }));
    expect(room.problems).toEqual([]);
    expect(room.agencies[0]?.manifest).toMatchObject({
      metadata: { name: 'acme-studio', uid: 'acme1234' },
      spec: { displayName: 'Acme Studio', requestId: '0b0e2c7e-1', region: 'eu-west-1' },
    });
  });

  it('keeps foreign text inside its own value, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (displayName, name) => {
        const { slug, text, problems } = newManifest({
          ...request,
          slug: 'acme-studio',
          displayName,
          owner: { ...request.owner, name },
        });
        if (problems.length > 0) {
          expect(problems.every(({ path }) => path === 'spec.displayName' || path === 'spec.owner.name')).toBe(true);
          return;
        }
        const room = loadControlRoom(aRoom({ agencies: [{ file: `agencies/${slug}.yaml`, text }] }));
        expect(room.agencies[0]?.manifest?.spec).toEqual({
          displayName: displayName.trim(),
          owner: { email: request.owner.email, name: name.trim() },
          lifecycle: 'active',
        });
      }),
      { numRuns: 500 },
    );
  });

  it('says what is wrong with a request', () => {
    const { problems } = newManifest({
      ...request,
      slug: '../x',
      owner: { email: 'a@b.example\nBcc: c@d.example', name: 'A' },
    });
    expect(problems.map(({ path }) => path)).toEqual(['metadata.name', 'spec.owner.email']);
  });

  it.each(['12345678', '1e234567', '0x123456'])('quotes the uid %s, which YAML would read as a number', (uid) => {
    expect(newManifest({ ...request, uid }).problems).toEqual([]);
  });
});

describe('slugFromName', () => {
  it.each([
    ['Acme Studio', 'acme-studio'],
    ['Café Größe & Søn', 'cafe-grosse-and-son'],
    ['O’Neill’s', 'oneills'],
    ['  --Łódź!! ', 'lodz'],
    ['42 Studios', 'agency-42-studios'],
    ['AB', 'agency-ab'],
    ['アクメ', 'agency'],
    ['', 'agency'],
    [`${'long '.repeat(20)}`, 'long-long-long-long-long-long-long-long'],
  ])('makes %j into %s', (name, slug) => {
    expect(slugFromName(name)).toBe(slug);
  });

  it('adds a number to a slug that is taken, within the length', () => {
    expect(slugFromName('Acme', new Set(['acme', 'acme-2']))).toBe('acme-3');
    const long = 'a'.repeat(40);
    expect(slugFromName(long, new Set([long]))).toBe(`${'a'.repeat(38)}-2`);
  });

  it('always makes a slug', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        expect(slugFromName(name)).toMatch(slugPattern);
      }),
      { numRuns: 1000 },
    );
  });
});
