import { describe, expect, test } from 'vitest';
import { aForge, type ForgeRig, owner, repo } from '../testing.ts';

async function look(rig: ForgeRig, path: string): Promise<{ status: number; text: string }> {
  const response = await rig.forge.fetch(`${rig.forge.serverUrl}${path}`);
  return { status: response.status, text: await response.text() };
}

describe('pages', () => {
  test('a pull request shows its state, texts, checks, deployments and files with annotations on their lines', async () => {
    const rig = await aForge();
    const head_sha = await rig.room.push('x', { 'agencies/acme.yaml': 'spec:\n  name: Beta\n', new: '<b>\n' });
    const number = await rig.room.openPullRequest({ head: 'x', title: 'Rename <Acme>', body: 'Why: **because**' });
    await rig.room.comment(number, '| a |\n|---|\n| b |');
    const { rest } = rig.octokit();
    const annotation = { path: 'agencies/acme.yaml', start_line: 2, end_line: 2, annotation_level: 'failure' } as const;
    const output = {
      title: 'Refused',
      summary: 'No `name`',
      annotations: [{ ...annotation, message: 'never changes' }],
    };
    await rest.checks.create({ owner, repo, name: 'plan', head_sha, conclusion: 'failure', output });
    const wish = { owner, repo, ref: 'x', auto_merge: false, required_contexts: [], environment: 'acme' };
    const { data } = await rest.repos.createDeployment(wish);
    const deployment_id = Number(Object(data).id);
    const environment_url = 'https://acme.example';
    await rest.repos.createDeploymentStatus({ owner, repo, deployment_id, state: 'success', environment_url });

    const { status, text } = await look(rig, `/${owner}/${repo}/pull/${number}`);
    expect(status).toBe(200);
    for (const part of [
      'Rename &lt;Acme&gt; #1',
      '<dd data-testid="state">open</dd>',
      '<strong>because</strong>',
      '<td>b</td>',
      '<strong>plan</strong> failure Refused',
      '<a href="https://acme.example">',
      '<code>+&lt;b&gt;</code>',
    ]) {
      expect(text).toContain(part);
    }
    const line =
      /<tr class="added"><td><\/td><td>2<\/td>.*<\/tr>\s*<tr><td colspan="3" class="note failure">.*never changes/;
    expect(text).toMatch(line);
  });

  test('after the merge it says so and leads to the commit', async () => {
    const rig = await aForge();
    await rig.room.push('x', { x: '1' });
    const number = await rig.room.openPullRequest({ head: 'x', title: 'X' });
    const sha = await rig.room.merge(number);
    const { text } = await look(rig, `/${owner}/${repo}/pull/${number}`);
    expect(text).toContain('<dd data-testid="state">merged</dd>');
    expect(text).toContain(`href="/github/${owner}/${repo}/commit/${sha}"`);
    expect((await look(rig, `/${owner}/${repo}/commit/${sha}`)).text).toContain('Merge pull request #1');
  });

  test('the index leads to repositories, those to their pull requests, issues and commits', async () => {
    const rig = await aForge();
    await rig.room.push('x', { x: '1' });
    await rig.room.openPullRequest({ head: 'x', title: 'A pull request' });
    await rig.room.openIssue({ title: 'An issue' });
    expect((await look(rig, '/')).text).toContain(`href="/github/${owner}/${repo}"`);
    const { text } = await look(rig, `/${owner}/${repo}`);
    expect(text).toContain(`href="/github/${owner}/${repo}/pull/1"`);
    expect(text).toContain(`href="/github/${owner}/${repo}/issues/2"`);
    expect(text).toContain('Begin');
    expect((await look(rig, `/${owner}/${repo}/issues/2`)).text).toContain('An issue #2');
    expect((await look(rig, `/${owner}/${repo}/blob/main/agencies/acme.yaml`)).text).toContain('name: Acme');
  });

  test('what is not there is not made up', async () => {
    const rig = await aForge();
    for (const path of ['/pull/9', '/wiki', '/commit/none', '/blob/main/none']) {
      expect((await look(rig, `/${owner}/${repo}${path}`)).status, path).toBe(501);
    }
  });
});
