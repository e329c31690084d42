import type { Deployment } from '../state.ts';
import type { World } from '../world.ts';
import { stateOf } from './progress.ts';

type Line = [type: 'stdout' | 'stderr' | 'command', text: string];

const failure: Line[] = [
  ['stderr', 'app/page.tsx:12:9'],
  ['stderr', "Type error: Property 'agency' does not exist on type 'Settings'."],
  ['stderr', 'Error: Command "npm run build" exited with 1'],
];

function lines(world: World, deployment: Deployment): Line[] {
  const state = stateOf(world, deployment);
  const { repository, ref, sha } = deployment.source;
  if (state === 'BLOCKED') return [['stderr', 'Git author must have access to the project on Vercel.']];
  if (state === 'QUEUED') return [];
  const start: Line[] = [
    ['stdout', 'Running build in Washington, D.C., USA (East) – iad1'],
    ['stdout', `Cloning github.com/${repository} (Branch: ${ref}, Commit: ${sha.slice(0, 7)})`],
  ];
  if (state === 'INITIALIZING') return start;
  const build: Line[] = [
    ...start,
    ['command', 'npm run build'],
    ['stdout', 'Creating an optimized production build …'],
  ];
  if (state === 'ERROR') return [...build, ...failure];
  if (state === 'READY')
    return [...build, ['stdout', 'Build Completed in /vercel/output'], ['stdout', 'Deployment completed']];
  return build;
}

/** The build log so far, oldest line first: GET /v3/deployments/{id}/events. */
export function buildLog(world: World, deployment: Deployment): { created: number; text: string; type: string }[] {
  const all = lines(world, deployment);
  const step = world.timing.buildMs / Math.max(all.length, 1);
  return all.map(([type, text], at) => {
    const created = Math.floor(deployment.createdAt + step * at);
    const serial = `${created}-${at}`;
    const info = { type: 'build', name: 'bld_local', entrypoint: '.' };
    const level = type === 'stderr' ? { level: 'error' } : {};
    return { type, created, date: created, deploymentId: deployment.id, id: serial, serial, text, info, ...level };
  });
}
