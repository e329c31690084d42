import type { Action, Change } from '../engine/decide.ts';

const LOOKS: Readonly<Record<Exclude<Action, 'noop'>, string>> = {
  create: 'fill:#dafbe1,stroke:#1a7f37,color:#1f2328',
  update: 'fill:#fff8c5,stroke:#9a6700,color:#1f2328',
  replace: 'fill:#ffebe9,stroke:#cf222e,color:#1f2328',
  delete: 'fill:#ffebe9,stroke:#cf222e,color:#1f2328',
  recover: 'fill:#ddf4ff,stroke:#0969da,color:#1f2328',
  adopt: 'fill:#ddf4ff,stroke:#0969da,color:#1f2328',
  blocked: 'fill:#ffebe9,stroke:#cf222e,color:#1f2328,stroke-dasharray:4',
};

/** The resources of a plan and what waits for what, as a mermaid flowchart. Addresses and actions are our own words. */
export function graph(changes: readonly Change[]): string {
  const numbers = new Map(changes.map(({ address }, at) => [address, `n${at}`]));
  const used = new Set(changes.map(({ action }) => action));
  const lines = [
    'flowchart LR',
    ...changes.map(({ address, action }) => {
      const look = action === 'noop' ? '' : `:::${action}`;
      return `  ${numbers.get(address)}["${address.replace(/[^\w.-]/g, '')} · ${action === 'noop' ? 'stays' : action}"]${look}`;
    }),
    ...changes.flatMap(({ address, after }) =>
      after.flatMap((one) =>
        numbers.has(one.address) ? [`  ${numbers.get(one.address)} --> ${numbers.get(address)}`] : [],
      ),
    ),
    ...Object.entries(LOOKS).flatMap(([action, look]) =>
      used.has(action as Action) ? [`  classDef ${action} ${look}`] : [],
    ),
  ];
  return `\`\`\`mermaid\n${lines.join('\n')}\n\`\`\``;
}
