import { describe, expect, test } from 'vitest';
import { markdown } from './markdown.ts';

const of = (text: string) => markdown(text).html;

describe('what the provisioner writes', () => {
  test('tables, with code and escaped bars in their cells', () => {
    expect(of('| Agency | Plan |\n|---|:-:|\n| `acme` | 1 \\| 2 |')).toBe(
      '<div class="scroll"><table><thead><tr><th>Agency</th><th>Plan</th></tr></thead>' +
        '<tbody><tr><td><code>acme</code></td><td>1 | 2</td></tr></tbody></table></div>',
    );
  });

  test('details whose inside is Markdown again after a blank line', () => {
    expect(of('<details open><summary>Acme <b>1</b></summary>\n\n- **one**\n- two\n\n</details>')).toBe(
      '<details open><summary>Acme <b>1</b></summary><ul><li><strong>one</strong></li><li>two</li></ul></details>',
    );
  });

  test('directly below a tag Markdown means nothing, as at GitHub', () => {
    expect(of('<details>\n**not bold**\n\n</details>')).toBe('<details>\n**not bold**</details>');
  });

  test('code and mermaid are shown as they are', () => {
    expect(of('```mermaid\ngraph LR\n  a --> b\n```')).toBe(
      '<pre data-language="mermaid"><code>graph LR\n  a --&gt; b</code></pre>',
    );
    expect(of('````\n```\n</details>\n````')).toBe('<pre><code>```\n&lt;/details&gt;</code></pre>');
    expect(of('```diff\n+ never closed')).toBe('<pre data-language="diff"><code>+ never closed</code></pre>');
  });

  test('headings, quotes, rules, tasks, nested and numbered lists, line breaks', () => {
    expect(of('## Plan')).toBe('<h4>Plan</h4>');
    expect(of('> a\n> b')).toBe('<blockquote><p>a<br>\nb</p></blockquote>');
    expect(of('---')).toBe('<hr>');
    expect(of('- [x] done\n- [ ] open')).toContain('<input type="checkbox" disabled checked> done');
    expect(of('1. one\n   - deeper\n2. two')).toBe('<ol><li>one<ul><li>deeper</li></ul></li><li>two</li></ol>');
    expect(of('text\n- list')).toBe('<p>text</p><ul><li>list</li></ul>');
  });

  test('a hidden marker is hidden', () => {
    expect(of('<!-- provisioner:plan\n{"v":1} -->\nShown')).toBe('<p>Shown</p>');
    expect(of('a <!-- b --> c')).toBe('<p>a  c</p>');
  });

  test('links lead to the web only', () => {
    expect(of('[Open](https://a.example/x?y=1&z=2)')).toBe(
      '<p><a href="https://a.example/x?y=1&amp;z=2" rel="nofollow noreferrer">Open</a></p>',
    );
    expect(of('see https://a.example/b.')).toContain('<a href="https://a.example/b" rel="nofollow noreferrer">');
    for (const url of ['javascript:alert(1)', 'data:text/html,x', 'vbscript:x', '//evil.example']) {
      expect(of(`[x](${url})`), url).not.toContain('<a');
    }
  });
});

describe('what others write', () => {
  test.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '<details ontoggle=alert(1) open>',
    '<iframe srcdoc="<script>">',
    '<a href="javascript:alert(1)">x</a>',
    '</article></main><form>',
    '<svg/onload=alert(1)>',
    '<p style="position:fixed">',
    '`<b onclick=x>`',
    '| <script> |\n|---|\n| <img src=x> |',
    '# <script>',
    '- <iframe>',
    '<details>\n<script>\n</details>',
    '```"><script>\nx\n```',
    '[a](https://x.example/"onmouseover="alert(1))',
    '[<img src=x>](https://x.example)',
    '<sum<script>mary>',
  ])('%j runs nothing', (text) => {
    const tags = [...of(text).matchAll(/<(\/?)([a-z0-9]+)([^>]*)>/gi)];
    for (const [tag, , name = '', attributes = ''] of tags) {
      expect(['script', 'img', 'iframe', 'form', 'svg', 'article', 'main', 'style'], tag).not.toContain(name);
      expect(attributes.replace(/"[^"]*"/g, '""'), tag).not.toMatch(/\bon\w+\s*=|style/i);
      expect(attributes, tag).not.toMatch(/"\s*javascript:/i);
    }
  });

  test('an image is named, not loaded', () => {
    expect(of('![pixel](https://evil.example/beacon.png)')).toBe('<p><em class="image">image: pixel</em></p>');
  });

  test('a mention is marked as one, an address and code are not', () => {
    expect(of('@everyone look')).toContain('<span class="mention">@everyone</span>');
    expect(of('owner@acme.example and `@team`')).not.toContain('mention');
    expect(of('\\@team')).not.toContain('mention');
  });

  test('what is left open ends with the text, and what was not opened is not closed', () => {
    expect(of('<details><summary>x')).toBe('<details><summary>x</summary></details>');
    expect(of('</details></summary>text')).toBe('text');
    expect(of('a </b> c')).toBe('<p>a  c</p>');
  });

  test('ten thousand odd characters end in reasonable time', () => {
    const started = performance.now();
    for (const odd of ['*', '`', '[', '<', '![', '**a', '> ', '- ', '|', '\\', '&', '<!-- -->x', '@a-']) {
      expect(of(odd.repeat(10_000 / odd.length)).length, odd).toBeGreaterThan(0);
    }
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});
