import type { Variables } from '../../action/src/environment.ts';
import { isObject } from './schema.ts';

type Fetch = typeof globalThis.fetch;
/** Sends one request and gives the parsed answer. Throws when the status is another than `expected`. */
type Ask = (method: string, path: string, body?: unknown, expected?: number) => Promise<unknown>;

/** Every route of the emulated vendors that a run over one agency does not touch, with bodies as the documents want them. */
export async function everythingElse(environment: Variables, fetch: Fetch): Promise<void> {
  const asker = (url: string | undefined, token: string | undefined, scope = ''): Ask => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    return async (method, path, body, expected) => {
      const scoped = `${path}${scope && (path.includes('?') ? '&' : '?')}${scope}`;
      const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
      const answer = await fetch(`${url}${scoped}`, init);
      const text = await answer.text();
      if (expected === undefined ? !answer.ok : answer.status !== expected) {
        throw new Error(`${method} ${path}: ${answer.status} ${text}`);
      }
      return text === '' ? undefined : JSON.parse(text);
    };
  };
  const { SUPABASE_ORG_ID: organization = '' } = environment;
  await supabase(asker(environment.SUPABASE_API_URL, environment.SUPABASE_ACCESS_TOKEN), organization);
  const { VERCEL_API_URL: url, VERCEL_TOKEN: token, VERCEL_TEAM_ID: team = '' } = environment;
  await account(asker(url, token), team);
  await vercel(asker(url, token, `teamId=${team}`));
  await resend(asker(environment.RESEND_BASE_URL, environment.RESEND_API_KEY));
}

async function supabase(ask: Ask, organization: string): Promise<void> {
  await ask('GET', '/v1/profile');
  await ask('GET', '/v1/organizations');
  await ask('GET', `/v1/organizations/${organization}`);
  await ask('GET', '/v1/projects');
  const ref = await aProject(ask, organization);
  const at = `/v1/projects/${ref}`;
  await ask(
    'GET',
    `/v1/organizations/${organization}/projects?limit=1&offset=1&sort=created_desc&search=o&statuses=COMING_UP`,
  );
  await ask('PATCH', at, { name: 'other name' });
  await keys(ask, at);
  await ask('PATCH', `${at}/config/auth`, {
    site_url: 'https://other.example',
    smtp_host: null,
    smtp_pass: 'secret-of-mail',
  });
  await ask('POST', `${at}/database/query`, { query: 'select 1 as one', parameters: [], read_only: true });
  await ask('POST', `${at}/database/query`, { query: 'select nothing' }, 400);
  await ask('POST', `${at}/database/query/read-only`, { query: 'select 1' });
  await ask('GET', `${at}/database/migrations`);
  await ask('PATCH', `${at}/database/password`, { password: 'another-password' });
  for (const path of [
    'config/storage',
    'config/database/pooler',
    'database/backups',
    'billing/addons',
    'branches',
    'restore',
  ]) {
    await ask('GET', `${at}/${path}`);
  }
  await ask('POST', `${at}/restart`);
  await until(async () => (await statusOf(ask, at)) === 'ACTIVE_HEALTHY');
  await ask('POST', `${at}/pause`);
  await until(async () => (await statusOf(ask, at)) === 'INACTIVE');
  await ask('POST', `${at}/restore`);
  await ask('POST', `${at}/restore`, undefined, 400);
  await until(async () => (await statusOf(ask, at)) === 'ACTIVE_HEALTHY');
  await ask('DELETE', at);
  await ask('GET', at, undefined, 400);
  await ask('GET', '/v1/projects/zzzzzzzzzzzzzzzzzzzz', undefined, 404);
  await ask('POST', '/v1/projects', { name: 'without password', organization_slug: organization }, 400);
}

async function aProject(ask: Ask, organization: string): Promise<string> {
  const region = { type: 'smartGroup', code: 'emea' };
  const wish = { name: 'other', organization_slug: organization, db_pass: 'random', region_selection: region };
  const ref = text(await ask('POST', '/v1/projects', { ...wish, desired_instance_size: 'small' }), 'ref');
  await until(async () => (await statusOf(ask, `/v1/projects/${ref}`)) === 'ACTIVE_HEALTHY');
  const services = '?services=auth,db,rest,storage,realtime,pooler&timeout_ms=1000';
  await until(async () => {
    const health = await ask('GET', `/v1/projects/${ref}/health${services}`);
    return Array.isArray(health) && health.every((one) => isObject(one) && one.status === 'ACTIVE_HEALTHY');
  });
  return ref;
}

async function keys(ask: Ask, at: string): Promise<void> {
  await ask('GET', `${at}/api-keys`);
  const template = { secret_jwt_template: { role: 'service_role' }, description: 'for a worker' };
  const made = await ask('POST', `${at}/api-keys?reveal=true`, { type: 'secret', name: 'worker', ...template });
  const key = `${at}/api-keys/${text(made, 'id')}`;
  await ask('GET', `${key}?reveal=true`);
  await ask('PATCH', key, { name: 'workers', description: 'for all workers' });
  await ask('DELETE', `${key}?reveal=false&was_compromised=false&reason=unused`);
  await ask('GET', key, undefined, 404);
  await ask('POST', `${at}/api-keys`, { type: 'publishable', name: 'website' });
  await ask('GET', `${at}/api-keys/legacy`);
  await ask('PUT', `${at}/api-keys/legacy?enabled=false`);
}

async function account(ask: Ask, team: string): Promise<void> {
  await ask('GET', '/v2/user');
  await ask('GET', '/v2/teams?limit=10');
  await ask('GET', `/v2/teams/${team}`);
}

async function vercel(ask: Ask): Promise<void> {
  const wish = {
    name: 'other',
    framework: 'nextjs',
    ssoProtection: { deploymentType: 'preview' },
    rootDirectory: 'app',
  };
  const id = text(await ask('POST', '/v11/projects', wish), 'id');
  await ask('POST', '/v11/projects', wish, 409);
  await ask('PATCH', `/v9/projects/${id}`, {
    nodeVersion: '22.x',
    buildCommand: 'npm run build',
    autoAssignCustomDomains: true,
  });
  await ask('GET', '/v10/projects?limit=100&search=o');
  await variables(ask, id);
  const [first, second] = [await aDeployment(ask, id, 'v1.4.0'), await aDeployment(ask, id, 'v1.4.0')];
  await ask('GET', `/v3/deployments/${first}/events?direction=backward&follow=0&limit=10&builds=1`);
  for (const version of ['v6', 'v7'])
    await ask('GET', `/${version}/deployments?projectId=${id}&limit=1&target=production&state=READY`);
  await ask('POST', `/v1/projects/${id}/rollback/${first}`, undefined, 201);
  await ask('POST', `/v10/projects/${id}/promote/${second}`);
  await ask('POST', `/v1/projects/${id}/pause`);
  await ask('GET', `/v9/projects/${id}`);
  await ask('POST', `/v1/projects/${id}/unpause`);
  await domains(ask, id);
  await aBrokenBuild(ask, id);
  const doomed = text(await deploy(ask, id, 'v1.4.0'), 'id');
  await ask('PATCH', `/v12/deployments/${doomed}/cancel`);
  await ask('DELETE', `/v13/deployments/${doomed}`);
  await ask('GET', `/v13/deployments/${doomed}`, undefined, 404);
  await ask('DELETE', `/v9/projects/${id}`, undefined, 204);
  await ask('DELETE', `/v9/projects/${id}`, undefined, 404);
}

async function variables(ask: Ask, project: string): Promise<void> {
  const variable = { type: 'encrypted', target: ['production'], comment: 'by a test' };
  await ask('POST', `/v10/projects/${project}/env?upsert=true`, { key: 'ONE', value: '1', ...variable });
  await ask('POST', `/v10/projects/${project}/env`, [
    { key: 'TWO', value: '2', ...variable, target: ['production', 'preview'] },
    { key: 'THREE', value: '3', ...variable, type: 'sensitive' },
  ]);
  await ask('POST', `/v10/projects/${project}/env`, { key: 'ONE', value: '2', ...variable }, 400);
  const listed = await ask('GET', `/v10/projects/${project}/env?decrypt=true`);
  const envs: unknown[] = isObject(listed) && Array.isArray(listed.envs) ? listed.envs : [];
  const [one = '', two = '', three = ''] = envs.map((env) => text(env, 'id'));
  await ask('GET', `/v1/projects/${project}/env/${one}`);
  await ask('PATCH', `/v9/projects/${project}/env/${one}`, { value: '11', target: ['production'] });
  await ask('DELETE', `/v9/projects/${project}/env/${one}`);
  await ask('DELETE', `/v1/projects/${project}/env`, { ids: [two, three] });
}

async function deploy(ask: Ask, project: string, ref: string): Promise<unknown> {
  const gitSource = { type: 'github', org: 'example', repo: 'agency-app', ref };
  const wish = { name: 'other', project, target: 'production', gitSource, meta: { by: 'a test' } };
  return ask('POST', '/v13/deployments?forceNew=1&skipAutoDetectionConfirmation=1', wish);
}

async function aDeployment(ask: Ask, project: string, ref: string): Promise<string> {
  const id = text(await deploy(ask, project, ref), 'id');
  await until(async () => {
    const deployment = await ask('GET', `/v13/deployments/${id}`);
    return isObject(deployment) && deployment.aliasAssigned === true;
  });
  return id;
}

async function aBrokenBuild(ask: Ask, project: string): Promise<void> {
  const id = text(await deploy(ask, project, 'broken-build'), 'id');
  await until(async () => {
    const deployment = await ask('GET', `/v13/deployments/${id}`);
    return isObject(deployment) && deployment.readyState === 'ERROR';
  });
  await ask('GET', `/v3/deployments/${id}/events?direction=backward&limit=-1`);
  await ask('GET', `/v9/projects/${project}`);
}

async function domains(ask: Ask, project: string): Promise<void> {
  const at = `/v9/projects/${project}/domains`;
  await ask('POST', `/v10/projects/${project}/domains`, { name: 'app.acme.example' });
  await ask('POST', `/v10/projects/${project}/domains`, { name: 'app.acme.example' }, 400);
  await ask('GET', `${at}?limit=10&order=ASC`);
  await ask('GET', `${at}/app.acme.example`);
  await ask('PATCH', `${at}/app.acme.example`, { redirect: 'www.acme.example', redirectStatusCode: 308 });
  await ask('POST', `${at}/app.acme.example/verify`);
  await ask('GET', `/v6/domains/app.acme.example/config?projectIdOrName=${project}&strict=true`);
  await ask('DELETE', `${at}/app.acme.example`, { removeRedirects: false });
}

async function resend(ask: Ask): Promise<void> {
  const mail = { from: 'Us <us@mail.example>', to: ['them@mail.example'], subject: 'Hello', text: 'Hello.' };
  const more = { cc: 'boss@mail.example', reply_to: ['us@mail.example'], tags: [{ name: 'kind', value: 'test' }] };
  const sent = await ask('POST', '/emails', { ...mail, ...more, headers: { 'X-Test': '1' } });
  await ask('GET', `/emails/${text(sent, 'id')}`);
  await ask('GET', '/emails?limit=2');
  await ask('GET', '/emails/00000000-0000-4000-8000-000000000000', undefined, 404);
  await ask('POST', '/emails', { ...mail, to: 'nobody' }, 422);
}

async function statusOf(ask: Ask, at: string): Promise<string> {
  return text(await ask('GET', at), 'status');
}

function text(value: unknown, name: string): string {
  const found = isObject(value) ? value[name] : undefined;
  if (typeof found !== 'string') throw new Error(`The answer has no ${name}: ${JSON.stringify(value)}`);
  return found;
}

async function until(done: () => Promise<boolean>): Promise<void> {
  for (let looks = 0; looks < 50; looks++) if (await done()) return;
  throw new Error('It does not come about.');
}
