import type { World } from '../world.ts';

export async function forgePage(_world: World, _path: string): Promise<Response | undefined> {
  return undefined;
}
