import { describe, expect, it } from 'vitest';
import { argumentsFrom, literalsIn, wildcard } from './literals.ts';

describe('arguments', () => {
  it.each([
    [`'a', b)`, [`'a'`, 'b']],
    [`'a, b', c)`, [`'a, b'`, 'c']],
    ['f(1, 2), [3, 4], { x: 5, y: 6 })', ['f(1, 2)', '[3, 4]', '{ x: 5, y: 6 }']],
    [`\`\${f(')', "}")}, x\`, y)`, [`\`\${f(')', "}")}, x\``, 'y']],
    [`'it\\'s', b)`, [`'it\\'s'`, 'b']],
    ['one; two)', ['one']],
  ])('of %s', (text, found) => {
    expect(argumentsFrom(text, 0)).toEqual(found);
  });
});

describe('literals', () => {
  it('are found on both sides of a choice', () => {
    expect(literalsIn(`hidden ? \`a \${b}\` : 'c d'`)).toEqual([`\`a \${b}\``, `'c d'`]);
  });

  it('inside a template belong to it', () => {
    const source = `\`a \${b ? \`(c \${d})\` : ''} e\``;
    expect(literalsIn(source)).toEqual([source]);
  });

  it.each([
    [`\`a \${b} c\``, ['a ', ' c']],
    [`\`a \${b ? \`{\${c}}\` : '}'} d\``, ['a ', ' d']],
    [`'a \${b} c'`, [`a \${b} c`]],
    [`'it\\'s'`, [`it's`]],
    [`\`\${a}\``, ['', '']],
  ])('%s keeps what is fixed', (literal, parts) => {
    expect(wildcard(literal)).toEqual(parts);
  });
});
