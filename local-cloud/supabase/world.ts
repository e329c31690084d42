import { z } from 'zod';

/** A key that opens an instance's URL, as `GET /api-keys` lists it. */
export const apiKeySchema = z.object({
  id: z.string(),
  type: z.enum(['legacy', 'publishable', 'secret']),
  name: z.string(),
  value: z.string(),
  description: z.string().nullable(),
  secretJwtTemplate: z.record(z.string(), z.unknown()).nullable(),
  /** Vendor milliseconds since 1970. */
  insertedAt: z.number(),
  updatedAt: z.number(),
});

/** What a project is on the way to, since when, and how often somebody has looked since then. */
const phaseSchema = z.object({
  kind: z.enum(['creating', 'pausing', 'restoring', 'restarting', 'removed']),
  since: z.number(),
  looks: z.number(),
});

export const projectSchema = z.object({
  ref: z.string(),
  id: z.number(),
  name: z.string(),
  organizationSlug: z.string(),
  region: z.string(),
  size: z.string(),
  engine: z.string(),
  createdAt: z.number(),
  phase: phaseSchema,
  /** When the project was first seen healthy in this phase; its services follow from then on. */
  healthyAt: z.number().nullable(),
  /** Looks at the services since then. */
  serviceLooks: z.number(),
  keyReads: z.number(),
  legacyKeysEnabled: z.boolean(),
  /** Fixed at birth: the instance knows these, whatever is added to or removed from `apiKeys`. */
  keys: z.object({
    publishable: z.string(),
    secret: z.string(),
    jwtSecret: z.string(),
    anonJwt: z.string(),
    serviceRoleJwt: z.string(),
  }),
  apiKeys: z.array(apiKeySchema),
  /** What was changed in the auth configuration; the rest is as in every new project. */
  auth: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
});

export const worldSchema = z.object({ projects: z.array(projectSchema), lastId: z.number() });

export type ApiKey = z.infer<typeof apiKeySchema>;
export type Project = z.infer<typeof projectSchema>;

/** The only organization that our token sees. */
export interface Organization {
  readonly slug: string;
  readonly name: string;
  readonly plan: 'free' | 'pro' | 'team' | 'enterprise' | 'platform';
  /** How many active projects it may have; no limit when left out. */
  readonly quota?: number;
}

/** Every Supabase project there is or was. */
export class World {
  readonly organization: Organization;
  readonly #projects = new Map<string, Project>();
  #lastId: number;

  /** `saved` is what `save` gave in an earlier process. Throws when it has another shape. */
  constructor(organization: Organization, saved?: unknown) {
    this.organization = organization;
    const { projects, lastId } = saved === undefined ? { projects: [], lastId: 1_000 } : worldSchema.parse(saved);
    for (const project of projects) this.#projects.set(project.ref, project);
    this.#lastId = lastId;
  }

  save(): unknown {
    return { projects: [...this.#projects.values()], lastId: this.#lastId };
  }

  nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  add(project: Project): void {
    this.#projects.set(project.ref, project);
  }

  /** Removed projects included: their refs are never given out again. */
  find(ref: string): Project | undefined {
    return this.#projects.get(ref);
  }

  /** In the order of creation, without the removed ones. */
  living(): Project[] {
    return [...this.#projects.values()].filter((project) => project.phase.kind !== 'removed');
  }
}
