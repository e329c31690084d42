import { z } from 'zod';
import { type Actor, authenticate, authorize } from './actors.ts';
import { notFound, Refusal } from './answers.ts';
import type { Git } from './git/repository.ts';
import type { Repository } from './state.ts';
import type { World } from './world.ts';

export interface Call<Name extends string = never, Body = unknown> {
  readonly world: World;
  readonly request: Request;
  /** As the client sees it, prefix included. */
  readonly url: URL;
  readonly params: Readonly<Record<Name, string>>;
  readonly body: Body;
}

export interface RepositoryCall<Name extends string = never, Body = unknown> extends Call<Name, Body> {
  readonly repository: Repository;
  readonly git: Git;
  /** Whoever writes is somebody; who only reads may be nobody. */
  readonly actor: Actor;
}

export type Handled = Response | Promise<Response>;

export interface Route {
  readonly method: string;
  readonly pattern: RegExp;
  readonly names: readonly string[];
  handle(call: Call<string>): Promise<Response>;
}

/** `{owner}` is one segment, `{+path}` takes all the rest. */
type NameIn<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? (Name extends `+${infer Bare}` ? Bare : Name) | NameIn<Rest>
  : never;

/** A route outside of repositories. */
export function route<const Path extends string>(
  method: string,
  path: Path,
  handle: (call: Call<NameIn<Path>>) => Handled,
): Route {
  return { method, ...compile(path), handle: async (call) => handle(call) };
}

/** What a repository's route needs besides its path: a permission, and the shape of its body. */
export interface Needs<Body extends z.ZodType> {
  /** `contents:write`; alternatives parted by `|`. */
  readonly access: string;
  readonly body?: Body;
}

/** A route under `/repos/{owner}/{repo}`: the repository is there, the actor may do it, the body has its shape. */
export function repositoryRoute<const Path extends string, Body extends z.ZodType>(
  method: string,
  path: Path,
  needs: Needs<Body>,
  handle: (call: RepositoryCall<NameIn<Path>, z.output<Body>>) => Handled,
): Route {
  const compiled = compile(`/repos/{owner}/{repo}${path}`);
  return {
    method,
    ...compiled,
    async handle(call) {
      const actor = authenticate(call.world, call.request);
      const repository = call.world.find(`${call.params.owner}/${call.params.repo}`);
      if (repository === undefined) throw notFound();
      authorize(repository, actor, needs.access);
      const body = await readBody(call.request, needs.body);
      return handle({ ...call, body, repository, git: call.world.git(repository), actor: actor ?? nobody });
    },
  };
}

const nobody: Actor = { login: '', kind: 'person', repository: null, permissions: null };

function compile(path: string): Pick<Route, 'pattern' | 'names'> {
  const names: string[] = [];
  const source = path.replace(/\{(\+?)(\w+)\}/g, (_all, rest: string, name: string) => {
    names.push(name);
    return rest === '' ? '([^/]+)' : '(.+)';
  });
  return { pattern: new RegExp(`^${source}$`), names };
}

/** The first route that fits, with its parameters decoded; undefined when there is none. */
export function match(routes: readonly Route[], method: string, path: string) {
  for (const candidate of routes) {
    const found = candidate.method === method ? candidate.pattern.exec(path) : null;
    if (found === null) continue;
    const params = candidate.names.map((name, at) => [name, decode(found[at + 1] ?? '')]);
    return { route: candidate, params: Object.fromEntries(params) as Record<string, string> };
  }
  return undefined;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Refusal(400, 'Bad Request');
  }
}

/** The body in its shape. Throws the 400 or 422 of one that is not. */
export async function readBody<Body extends z.ZodType>(
  request: Request,
  schema: Body | undefined,
): Promise<z.output<Body>> {
  const text = await request.text();
  const parsed = (schema ?? z.unknown()).safeParse(parseJson(text));
  if (parsed.success) return parsed.data as z.output<Body>;
  const problems = parsed.error.issues.map((issue) => ({ field: issue.path.join('.') || 'body', issue }));
  const lines = problems.map(({ field, issue }) => describe(field, issue));
  throw new Refusal(
    422,
    `Invalid request.\n\n${lines.join('\n')}`,
    problems.map(({ field, issue }) => ({ resource: 'Request', field, code: 'invalid', message: issue.message })),
  );
}

function describe(field: string, issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => `"${key}" is not a permitted key.`).join('\n');
  if (issue.code === 'invalid_type' && issue.message.endsWith('received undefined'))
    return `"${field}" wasn't supplied.`;
  return `For '${field}', ${issue.message}.`;
}

function parseJson(text: string): unknown {
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, 'Problems parsing JSON');
  }
}
