import { type Html, html } from '../../site/html.ts';
import type { FileChange } from '../git/diff.ts';
import type { Annotation } from '../state.ts';

interface Line {
  readonly kind: 'hunk' | 'added' | 'removed' | 'same';
  readonly text: string;
  readonly before: number | undefined;
  /** Its number in the new file. */
  readonly after: number | undefined;
}

/** Every changed file with its hunks, and what checks say under the very line they say it of. */
export function diffView(files: readonly FileChange[], annotations: readonly Annotation[]): Html {
  if (files.length === 0) return html`<p class="empty">No file changed.</p>`;
  return html`${files.map((file) =>
    fileView(
      file,
      annotations.filter(({ path }) => path === file.path),
    ),
  )}`;
}

function fileView(file: FileChange, annotations: readonly Annotation[]): Html {
  const from = file.previousPath === undefined ? '' : `${file.previousPath} → `;
  const lines = file.patch === undefined ? [] : parsePatch(file.patch);
  const shown = new Set(lines.flatMap(({ after }) => after ?? []));
  const elsewhere = annotations.filter(({ end_line: line }) => !shown.has(line));
  return html`<section class="file" data-path="${file.path}"><h3><code>${from}${file.path}</code>
<small>${file.status} +${file.additions} −${file.deletions}</small></h3>
${elsewhere.map((one) => html`<div class="note ${one.annotation_level}">line ${one.end_line}: ${noteText(one)}</div>`)}
${lines.length === 0 ? html`<p class="empty">No line to show.</p>` : table(lines, annotations)}</section>`;
}

function table(lines: readonly Line[], annotations: readonly Annotation[]): Html {
  const rows = lines.map((line) => {
    const notes = line.after === undefined ? [] : annotations.filter(({ end_line: end }) => end === line.after);
    return html`<tr class="${line.kind}"><td>${line.before}</td><td>${line.after}</td><td><code>${line.text}</code></td></tr>
${notes.map((one) => html`<tr><td colspan="3" class="note ${one.annotation_level}">${noteText(one)}</td></tr>`)}`;
  });
  return html`<div class="scroll"><table class="diff"><tbody>${rows}</tbody></table></div>`;
}

export function noteText({ title, message, annotation_level: level }: Annotation): Html {
  return html`<strong>${title ?? level}</strong> ${message}`;
}

function parsePatch(patch: string): Line[] {
  let [before, after] = [0, 0];
  return patch.split('\n').map((text): Line => {
    const [, oldStart, newStart] = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/.exec(text) ?? [];
    if (oldStart !== undefined && newStart !== undefined) {
      [before, after] = [Number(oldStart), Number(newStart)];
      return { kind: 'hunk', text, before: undefined, after: undefined };
    }
    if (text.startsWith('+')) return { kind: 'added', text, before: undefined, after: after++ };
    if (text.startsWith('-')) return { kind: 'removed', text, before: before++, after: undefined };
    if (text.startsWith('\\')) return { kind: 'hunk', text, before: undefined, after: undefined };
    return { kind: 'same', text, before: before++, after: after++ };
  });
}
