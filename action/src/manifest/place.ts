import { isMap, isNode, isScalar, isSeq, type Node, parseDocument, type YAMLMap } from 'yaml';
import { type Finding, type Path, type Problem, problemAt, type SourceFile } from './problem.ts';

/** Gives findings their places. Parses the text again: it is called only for files that have something wrong. */
export function placeFindings(source: SourceFile, findings: readonly Finding[]): Problem[] {
  if (findings.length === 0) return [];
  const root = parseDocument(source.text, { prettyErrors: false, uniqueKeys: false }).contents;
  return findings.map((finding) => {
    const problem = problemAt(source, indexOf(root, finding), finding.message, finding.remedy);
    return finding.path.length === 0 ? problem : { ...problem, path: finding.path.join('.') };
  });
}

/** Where a path points to; what is missing stands where its nearest ancestor stands. */
function indexOf(root: Node | null, { path, on }: Finding): number {
  let node: Node | null = root;
  let index = startOf(root);
  for (const [depth, step] of path.entries()) {
    const found = stepInto(node, step);
    if (!found) return index;
    const last = depth === path.length - 1;
    index = last && on === 'value' ? startOf(found.value ?? found.key) : startOf(found.key ?? found.value);
    node = found.value;
  }
  return index;
}

function stepInto(node: Node | null, step: string | number): { key: Node | null; value: Node | null } | undefined {
  if (isSeq(node)) {
    const item = node.items[Number(step)];
    return isNode(item) ? { key: null, value: item } : undefined;
  }
  const pair = isMap(node) ? pairOf(node as YAMLMap, step) : undefined;
  return pair && { key: asNode(pair.key), value: asNode(pair.value) };
}

function pairOf(map: YAMLMap, step: Path[number]) {
  return map.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
}

function asNode(value: unknown): Node | null {
  return isNode(value) ? value : null;
}

function startOf(node: Node | null): number {
  return node?.range?.[0] ?? 0;
}
