import type { Values } from '../action/src/engine/resource.ts';
import { Secret } from '../action/src/lib/secret.ts';
import { type Ground, kindContract } from './support/kind-contract.ts';

const project = (n: number) => ({
  name: `agency-acme-${n}`,
  region: 'us-east-1',
  size: 'micro',
});

async function aDatabase(ground: Ground, n: number) {
  const { outputs } = await ground.run('supabase.project', project(n));
  return { ref: String(outputs.ref), url: String(outputs.url) };
}

const settingsPath = (ref: unknown) => `/v1/projects/${String(ref)}/config/auth`;

/** Asks the Management API as a person with the token would. */
async function asAdmin(ground: Ground, method: string, path: string, body: object): Promise<void> {
  const { SUPABASE_ACCESS_TOKEN: token, SUPABASE_API_URL: url } = ground.environment;
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const answer = await ground.cloud.fetch(
    new Request(`${url}${path}`, { method, headers, body: JSON.stringify(body) }),
  );
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
}

const file = (n: number) => ({
  version: `2026010100000${n}`,
  name: `step_${n}`,
  file: `migrations/agency/2026010100000${n}_step_${n}.sql`,
  sql: `create table public.t${n} (id int primary key);`,
  digest: `sha256:${n}`,
  transactional: true,
});

kindContract({ name: 'supabase.project', inputs: async (_, n) => project(n), owned: true });

kindContract({
  name: 'supabase.keys',
  inputs: async (ground, n) => ({ ref: (await aDatabase(ground, n)).ref }),
  part: true,
});

for (const [name, settings, opened] of [
  ['supabase.auth', { disable_signup: true }, { disable_signup: false }],
  ['supabase.site', { site_url: 'https://acme.example' }, { site_url: 'https://elsewhere.example' }],
] as const) {
  kindContract({
    name,
    inputs: async (ground, n) => ({ ref: (await aDatabase(ground, n)).ref, settings }),
    drift: (ground, _, { ref }) => asAdmin(ground, 'PATCH', settingsPath(ref), opened),
    part: true,
  });
}

kindContract({
  name: 'supabase.migrations',
  inputs: async (ground, n) => ({ ref: (await aDatabase(ground, n)).ref, files: [file(1), file(2)] }),
  drift: (ground, _, { ref }) =>
    asAdmin(ground, 'POST', `/v1/projects/${String(ref)}/database/query`, {
      query: `drop table public.t2; delete from supabase_migrations.schema_migrations where version = '${file(2).version}'`,
    }),
  part: true,
});

async function owner(ground: Ground, n: number): Promise<Values> {
  const { ref, url } = await aDatabase(ground, 1);
  const { outputs } = await ground.run('supabase.keys', { ref });
  const { secretKey } = outputs;
  if (!(secretKey instanceof Secret)) throw new TypeError('the secret key is not a Secret');
  const instance = ground.clients.instances(url, secretKey);
  // One instance serves all tests: whoever was the owner before makes room.
  const { users } = await instance.call('list users', (client) => client.auth.admin.listUsers());
  for (const { id, app_metadata } of users) {
    const provisioner = { ...app_metadata.provisioner, uid: `former-${n}` };
    await instance.call('update user', (client) =>
      client.auth.admin.updateUserById(id, { app_metadata: { provisioner } }),
    );
  }
  return {
    ref,
    url,
    secretKey,
    email: `owner-${n}@acme.example`,
    name: 'Acme Owner',
    password: new Secret('First-Password-1'),
    generation: '1',
  };
}

kindContract({
  name: 'supabase.owner',
  inputs: owner,
  drift: async (ground, id, inputs) => {
    if (!(inputs.secretKey instanceof Secret)) throw new TypeError('the secret key is not a Secret');
    const instance = ground.clients.instances(String(inputs.url), inputs.secretKey);
    const provisioner = { uid: 'uid-1', generation: '1', email: inputs.email };
    await instance.call('update user', ({ auth }) => auth.admin.updateUserById(id, { app_metadata: { provisioner } }));
  },
  owned: true,
});

const vercelProject = (n: number) => ({ name: `agency-acme-${n}`, uid: 'uid-1', framework: 'nextjs' });

kindContract({
  name: 'vercel.project',
  inputs: async (_, n) => vercelProject(n),
  drift: async (ground, id) => {
    await ground.asPerson('PATCH', `/v9/projects/${id}`, { framework: 'nuxtjs' });
  },
  owned: true,
});

kindContract({
  name: 'vercel.project',
  title: 'vercel.project, paused,',
  inputs: async (_, n) => ({ ...vercelProject(n), paused: true }),
  drift: async (ground, id) => {
    await ground.asPerson('POST', `/v1/projects/${id}/unpause`, {});
  },
  owned: true,
});

kindContract({
  name: 'vercel.env',
  inputs: async (ground, n) => ({
    projectId: (await ground.run('vercel.project', vercelProject(n))).id,
    variables: { PUBLIC: 'seen', PRIVATE: new Secret('never-to-be-seen') },
  }),
  drift: async (ground, id) => {
    const { envs } = (await ground.asPerson('GET', `/v10/projects/${id}/env`)) as {
      envs: { id: string; key: string }[];
    };
    const theirs = envs.find(({ key }) => key === 'PUBLIC');
    await ground.asPerson('PATCH', `/v9/projects/${id}/env/${theirs?.id}`, { value: 'changed' });
  },
  part: true,
});
