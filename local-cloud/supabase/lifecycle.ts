import type { ProjectTiming } from '../latency.ts';
import type { Project } from './world.ts';

/** What the emulated platform ever says; the vendor's enumeration is longer and open. */
export type ProjectStatus =
  | 'UNKNOWN'
  | 'COMING_UP'
  | 'ACTIVE_HEALTHY'
  | 'PAUSING'
  | 'INACTIVE'
  | 'RESTORING'
  | 'RESTARTING'
  | 'REMOVED';

/** A status ends when its time is over *and* it was looked at often enough: no client gets by with one read. */
interface Station {
  readonly status: ProjectStatus;
  readonly untilMs: number;
  readonly untilLooks: number;
}

/** Status of `project` at `now` (vendor milliseconds), without counting as a look. */
export function statusOf(project: Project, now: number, timing: ProjectTiming): ProjectStatus {
  const { since, looks } = project.phase;
  const { stations, end } = course(project, timing);
  const station = stations.find(({ untilMs, untilLooks }) => now - since < untilMs || looks < untilLooks);
  return station?.status ?? end;
}

/** Looks at the project: what this answers, the next look may no longer see. */
export function look(project: Project, now: number, timing: ProjectTiming): ProjectStatus {
  const status = statusOf(project, now, timing);
  project.phase.looks += 1;
  if (status === 'ACTIVE_HEALTHY') project.healthyAt ??= now;
  return status;
}

/** Sends the project on its way to something else. */
export function enter(project: Project, kind: Project['phase']['kind'], now: number): void {
  project.phase = { kind, since: now, looks: 0 };
  project.healthyAt = null;
  project.serviceLooks = 0;
}

function course(project: Project, timing: ProjectTiming): { stations: readonly Station[]; end: ProjectStatus } {
  const { comingUpMs, healthyMs, transitionMs } = timing;
  switch (project.phase.kind) {
    case 'creating':
      return {
        stations: [
          { status: 'UNKNOWN', untilMs: comingUpMs, untilLooks: 1 },
          { status: 'COMING_UP', untilMs: healthyMs, untilLooks: 3 },
        ],
        end: 'ACTIVE_HEALTHY',
      };
    case 'pausing':
      return { stations: [{ status: 'PAUSING', untilMs: transitionMs, untilLooks: 2 }], end: 'INACTIVE' };
    case 'restoring':
      return {
        stations: [
          { status: 'RESTORING', untilMs: transitionMs / 2, untilLooks: 1 },
          { status: 'COMING_UP', untilMs: transitionMs, untilLooks: 2 },
        ],
        end: 'ACTIVE_HEALTHY',
      };
    case 'restarting':
      return { stations: [{ status: 'RESTARTING', untilMs: transitionMs, untilLooks: 2 }], end: 'ACTIVE_HEALTHY' };
    case 'removed':
      return { stations: [], end: 'REMOVED' };
  }
}

/** Order of the vendor's enumeration; `share` of `servicesMs` and `looks` are what each waits for after the project. */
const services = {
  auth: { share: 0.6, looks: 1 },
  db: { share: 0, looks: 0 },
  db_postgres_user: { share: 0, looks: 0 },
  pooler: { share: 1, looks: 2 },
  realtime: { share: 0.5, looks: 1 },
  rest: { share: 0.3, looks: 1 },
  storage: { share: 0.8, looks: 1 },
  pg_bouncer: { share: 1, looks: 2 },
} as const;

export type ProjectService = keyof typeof services;
export const projectServices: readonly ProjectService[] = [
  'auth',
  'db',
  'db_postgres_user',
  'pooler',
  'realtime',
  'rest',
  'storage',
  'pg_bouncer',
];

/** Whether a service of the project answers, without counting as a look. */
export function isServing(project: Project, service: ProjectService, now: number, timing: ProjectTiming): boolean {
  if (statusOf(project, now, timing) !== 'ACTIVE_HEALTHY') return false;
  const { share, looks } = services[service];
  const healthyFor = project.healthyAt === null ? 0 : now - project.healthyAt;
  return healthyFor >= share * timing.servicesMs && project.serviceLooks >= looks;
}

/** Looks at the project's services. Counts for the project, too. */
export function lookAtServices(project: Project, now: number, timing: ProjectTiming): void {
  if (look(project, now, timing) === 'ACTIVE_HEALTHY') project.serviceLooks += 1;
}
