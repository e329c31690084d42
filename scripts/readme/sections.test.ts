import { describe, expect, it } from 'vitest';
import { actionTable, commandTable, fill, graph, table, variableTable } from './sections.ts';

describe('a table', () => {
  it('keeps a bar from ending its cell', () => {
    expect(table(['a', 'b'], [['x|y', 'z']])).toBe('| a | b |\n| -- | -- |\n| x\\|y | z |');
  });

  it('shows a command with what stands behind its name', () => {
    const command = { usage: '<slug>', summary: 'Says why.', options: {}, words: [1, 1] as const, run: async () => 0 };
    expect(commandTable([{ ...command, name: 'explain' }])).toContain('| `explain <slug>` | Says why. |');
    expect(commandTable([{ ...command, name: 'status', usage: '' }])).toContain('| `status` | Says why. |');
  });

  it('shows what an action takes, with its default, and what it gives', () => {
    const inputs = {
      command: { description: 'What to do.', default: 'apply' },
      agencies: { description: 'Whom.', default: '' },
    };
    const shown = actionTable({ inputs, outputs: { result: { description: 'How it went.' } } }).split('\n');
    expect(shown.slice(2)).toEqual([
      '| input | `command` | What to do. Default: `apply`. |',
      '| input | `agencies` | Whom. |',
      '| output | `result` | How it went. |',
    ]);
  });

  it('shows a variable with its purpose and its source', () => {
    expect(variableTable({ TOKEN: { purpose: 'signs in', where: 'Make one.' } })).toContain(
      '| `TOKEN` | signs in. Make one. |',
    );
  });
});

describe('a graph', () => {
  it('draws what is waited for, and whether it has to work or only to exist', () => {
    const drawn = graph([
      { address: 'a.b', after: [] },
      { address: 'c', after: [{ address: 'a.b', stage: 'ready' }] },
      { address: 'd', after: [{ address: 'a.b', stage: 'created' }] },
    ]);
    const lines = drawn.split('\n').map((line) => line.trim());
    expect(lines).toContain('a_b["a.b"]');
    expect(lines).toContain('a_b --> c');
    expect(lines).toContain('a_b -.-> d');
    expect([lines[0], lines.at(-1)]).toEqual(['```mermaid', '```']);
  });
});

describe('filling', () => {
  const begin = '<!-- generated:x -->';
  const end = '<!-- /generated:x -->';

  it('replaces what stands between the markers and nothing else', () => {
    expect(fill(`head\n${begin}\nold\n${end}\ntail\n`, { x: 'new' })).toBe(`head\n${begin}\nnew\n${end}\ntail\n`);
  });

  it('gives the same again when it is repeated', () => {
    const once = fill(`${begin}${end}`, { x: '$& new' });
    expect(fill(once, { x: '$& new' })).toBe(once);
  });

  it.each([['no marker'], [begin], [`${end}${begin}`]])('refuses %s', (text) => {
    expect(() => fill(text, { x: 'new' })).toThrow(`README.md needs ${begin}`);
  });
});
