import { describe, expect, it } from 'vitest';
import { idOfDispatch, requestOfDispatch } from './dispatch.ts';

const payload = {
  request_id: 'r1',
  agency_name: ' Acme Studio ',
  owner_name: 'Acme Owner',
  owner_email: 'owner@acme.example',
  region: 'eu-west-1',
};

describe('a dispatch', () => {
  it('carries a whole request', () => {
    expect(requestOfDispatch({ ...payload, more: { of: 'theirs' } })).toEqual({
      id: 'r1',
      agencyName: 'Acme Studio',
      ownerName: 'Acme Owner',
      ownerEmail: 'owner@acme.example',
      region: 'eu-west-1',
      source: { door: 'dispatch' },
    });
  });

  it('greets an owner without a name by the agency’s', () => {
    const { owner_name: _, region: __, ...rest } = payload;
    expect(requestOfDispatch({ ...rest, region: null })).toEqual({
      id: 'r1',
      agencyName: 'Acme Studio',
      ownerName: 'Acme Studio',
      ownerEmail: 'owner@acme.example',
      source: { door: 'dispatch' },
    });
  });

  it.each(['request_id', 'agency_name', 'owner_email'])('is refused without %s', (field) => {
    expect(() => requestOfDispatch({ ...payload, [field]: '  ' })).toThrow(
      `client_payload.${field} of the dispatch is missing`,
    );
  });

  it.each([{ agency_name: 7 }, { owner_email: ['a@b.example', 'c@d.example'] }, { region: { toString: 'x' } }])(
    'is refused for %j',
    (changes) => {
      expect(() => requestOfDispatch({ ...payload, ...changes })).toThrow(
        `client_payload.${Object.keys(changes)[0]} of the dispatch is not a text`,
      );
    },
  );

  it.each([
    [{ request_id: 'r1' }, 'r1'],
    [{ request: 'r1' }, 'r1'],
    [{ request_id: 12 }, '12'],
    [{ request_id: '' }, undefined],
    [{ request_id: { x: 1 } }, undefined],
    [{}, undefined],
  ])('%j names the request %j', (given, id) => {
    expect(idOfDispatch(given)).toBe(id);
  });
});
