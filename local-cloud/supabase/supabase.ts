import type { ProjectTiming } from '../latency.ts';
import type { CloudContext, Service } from '../service.ts';
import { authSettingsOf } from './auth-settings.ts';
import { Instances, type OpenInstance } from './instances.ts';
import { isServing, statusOf } from './lifecycle.ts';
import { managementService } from './management/service.ts';
import { PostgresDoors } from './postgres-doors.ts';
import { projectService } from './project-service.ts';
import { type Organization, type Project, World } from './world.ts';

export interface SupabaseOptions {
  readonly token: string;
  readonly organization: Organization;
  readonly timing: ProjectTiming;
  readonly openInstance: OpenInstance;
  /** What the Management API's `save()` gave before the restart. */
  readonly saved?: unknown;
}

export interface ProjectOverview {
  readonly ref: string;
  readonly name: string;
  readonly status: string;
  readonly url: string;
}

/** The emulated Supabase: one Management API, and a URL and a Postgres for each project. */
export interface Supabase {
  readonly management: Service;
  readonly projects: Service;
  /** Living projects, in the order of creation. Does not count as a look. */
  overview(): ProjectOverview[];
  /** Where the project's Postgres can be reached; `undefined` while it is not up. */
  postgresUrl(ref: string): Promise<string | undefined>;
  /** Opens every instance that has ever been used, one after the other. */
  users(): Promise<{ ref: string; id: string; email: string }[]>;
  close(): Promise<void>;
}

export function createSupabase(context: CloudContext, options: SupabaseOptions): Supabase {
  const { timing, openInstance } = options;
  const world = new World(options.organization, options.saved);
  const urlOf = (ref: string): string => `${context.origin()}/projects/${ref}`;
  const instances = new Instances(context.dir, openInstance, (ref) => {
    const project = existing(world, ref);
    return { keys: project.keys, auth: () => authSettingsOf(project), clock: context.clock, url: () => urlOf(ref) };
  });
  const hasPostgres = (ref: string): boolean => isServing(existing(world, ref), 'db', context.clock.now(), timing);
  const doors = new PostgresDoors(instances, hasPostgres);
  return {
    management: managementService({ context, world, instances, timing }, options.token),
    projects: projectService({ world, instances, clock: context.clock, timing }),
    overview: () =>
      world.living().map((project) => {
        const status = statusOf(project, context.clock.now(), timing);
        return { ref: project.ref, name: project.name, status, url: urlOf(project.ref) };
      }),
    postgresUrl: async (ref) => (hasPostgres(ref) ? doors.url(ref) : undefined),
    users: () => usersOf(world, instances),
    async close() {
      await doors.close();
      await instances.close();
    },
  };
}

function existing(world: World, ref: string): Project {
  const project = world.find(ref);
  if (project === undefined) throw new Error(`There is no project ${ref}.`);
  return project;
}

async function usersOf(world: World, instances: Instances): Promise<{ ref: string; id: string; email: string }[]> {
  const found: { ref: string; id: string; email: string }[] = [];
  for (const { ref } of world.living()) {
    if (!instances.exists(ref)) continue;
    const users = await instances.use(ref, (instance) => instance.users());
    found.push(...users.map(({ id, email }) => ({ ref, id, email })));
  }
  return found;
}
