import { newSuffix, type World } from './world.ts';

function taken(world: World, host: string): boolean {
  const { projects, deployments } = world.state;
  const own = [...projects, ...deployments].some((holder) => holder.host === host);
  return own || world.options.takenHosts?.includes(host) === true;
}

/** Names under vercel.app are global: a name that somebody holds already gets a suffix. */
export function claimHost(world: World, name: string): string {
  let host = `${name}.vercel.app`;
  while (taken(world, host)) host = `${name}-${newSuffix(world)}.vercel.app`;
  return host;
}

/** The host that shows one deployment for ever. */
export function deploymentHost(world: World, name: string): string {
  return `${name.slice(0, 40)}-${newSuffix(world)}-${world.options.team.slug}.vercel.app`;
}
