import { describe, expect, it } from 'vitest';
import { Secret } from '../lib/secret.ts';
import { preview } from './preview.ts';
import { Ref } from './resource.ts';

describe('preview', () => {
  it('shows literals by path, lists by number and name, and nothing of what others put out', () => {
    const inputs = {
      name: 'pf-acme',
      ref: new Ref('supabase.project', 'ref'),
      settings: { disable_signup: true, site: { url: new Ref('site', 'url'), port: 80 } },
      files: [
        { name: 'foundation', sql: 'create table t()' },
        { name: 'people', sql: '' },
      ],
      none: [],
      nothing: null,
    };
    expect(preview(inputs)).toEqual([
      { path: 'name', after: 'pf-acme' },
      { path: 'settings.disable_signup', after: 'true' },
      { path: 'settings.site.port', after: '80' },
      { path: 'files', after: '2: foundation, people' },
      { path: 'none', after: '0' },
      { path: 'nothing', after: 'null' },
    ]);
  });

  it('shows that there is a secret, and nothing of it', () => {
    expect(preview({ variables: { KEY: new Secret('canary-preview') } })).toEqual([
      { path: 'variables.KEY', after: '(secret)' },
    ]);
    expect(JSON.stringify(preview({ keys: [new Secret('canary-preview')] }))).not.toContain('canary');
  });
});
