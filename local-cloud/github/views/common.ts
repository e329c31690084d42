import { APP_ID, CLIENT_ID } from '../actors.ts';
import type { Repository } from '../state.ts';
import { ACTIONS_LOGIN, APP_SLUG, ownerOf, type World } from '../world.ts';
import type { Rest, View } from './types.ts';

export function nodeId(kind: string, id: number | string): string {
  return Buffer.from(`${kind}:${id}`).toString('base64url');
}

export function apiUrl(world: World, repository: Pick<Repository, 'name'>, path = ''): string {
  return `${world.base}/repos/${repository.name}${path}`;
}

export function pageUrl(world: World, repository: Pick<Repository, 'name'>, path = ''): string {
  return `${world.base}/${repository.name}${path}`;
}

export function userView(world: World, login: string) {
  const { id, type } = world.account(login);
  return {
    login,
    id,
    node_id: nodeId('User', id),
    avatar_url: '',
    gravatar_id: '',
    url: `${world.base}/users/${encodeURIComponent(login)}`,
    html_url: `${world.base}/${encodeURIComponent(login)}`,
    type,
    site_admin: false,
  } satisfies View<Rest['users']['getByUsername']>;
}

/** `slug` is ours or `github-actions`. */
export function appView(world: World, slug: string) {
  const ours = slug === APP_SLUG;
  return {
    id: ours ? APP_ID : 15_368,
    client_id: ours ? CLIENT_ID : 'Iv1.05c79e9ad1f6bdfa',
    slug,
    node_id: nodeId('App', slug),
    owner: userView(world, ours ? 'example' : 'github'),
    name: ours ? 'Agency Provisioner' : 'GitHub Actions',
    description: '',
    external_url: '',
    html_url: `${world.base}/apps/${slug}`,
    created_at: '2026-01-01T00:00:00Z',
    updated_at: '2026-01-01T00:00:00Z',
    permissions: {},
    events: [],
  } satisfies View<Rest['apps']['getAuthenticated']>;
}

/** The slug of the app behind a bot's login; null for people. */
export function appOf(login: string): string | null {
  if (login === ACTIONS_LOGIN) return 'github-actions';
  return login === `${APP_SLUG}[bot]` ? APP_SLUG : null;
}

export function repositoryView(world: World, repository: Repository) {
  const { name, parent } = repository;
  return {
    id: repository.id,
    node_id: nodeId('Repository', repository.id),
    name: name.split('/')[1] ?? name,
    full_name: name,
    private: repository.private,
    visibility: repository.private ? 'private' : 'public',
    owner: userView(world, ownerOf(repository)),
    html_url: pageUrl(world, repository),
    description: null,
    fork: parent !== null,
    url: apiUrl(world, repository),
    default_branch: repository.defaultBranch,
    archived: false,
    disabled: false,
    has_issues: true,
    created_at: repository.createdAt,
    updated_at: repository.createdAt,
    pushed_at: repository.createdAt,
  } satisfies View<Rest['repos']['get']>;
}

export function labelView(world: World, repository: Repository, name: string) {
  const label = repository.labels.find((one) => one.name.toLowerCase() === name.toLowerCase());
  const { id = 0, color = 'ededed', description = null } = label ?? {};
  return {
    id,
    node_id: nodeId('Label', id),
    url: apiUrl(world, repository, `/labels/${encodeURIComponent(name)}`),
    name: label?.name ?? name,
    color,
    default: false,
    description,
  } satisfies View<Rest['issues']['getLabel']>;
}
