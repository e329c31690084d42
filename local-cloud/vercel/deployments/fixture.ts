import { type Answer, aVercel, type TestVercel } from '../testing.ts';

export const app = 'example/agency-app';
export const source = { type: 'github', org: 'example', repo: 'agency-app', ref: 'v1.4.0' };
export const wish = { name: 'app', project: 'app', target: 'production', gitSource: source };

export async function aProject(options: Parameters<typeof aVercel>[0] = {}): Promise<TestVercel> {
  const vercel = aVercel(options);
  await vercel.call('POST', '/v11/projects', { name: 'app', framework: 'nextjs', ssoProtection: null });
  return vercel;
}

export const deploy = (vercel: TestVercel, body: unknown = wish, query = 'forceNew=1'): Promise<Answer> =>
  vercel.call('POST', `/v13/deployments?${query}`, body);

export async function look(vercel: TestVercel, id: string): Promise<Answer> {
  return vercel.call('GET', `/v13/deployments/${id}`);
}

/** Past the build and the alias, whoever looked. */
export async function finish({ clock }: TestVercel): Promise<void> {
  clock.advance(120_000);
}
