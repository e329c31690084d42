import { describe, expect, it } from 'vitest';
import { aControlForge } from '../../../tests/support/control-forge.ts';
import { issueReader } from './read-issue.ts';

const where = { owner: 'example', repo: 'control-room' };

describe('reading an issue', () => {
  it('gives what people wrote and its labels', async () => {
    const rig = await aControlForge();
    const issue_number = await rig.room.openIssue({ title: 'x', body: '### Agency name\n\n@all' });
    await rig.octokit().rest.issues.addLabels({ ...where, issue_number, labels: ['one', 'two'] });
    const read = issueReader(rig.repository);
    expect(await read(issue_number)).toEqual({ body: '### Agency name\n\n@all', labels: ['one', 'two'] });
    expect(await read(await rig.room.openIssue({ title: 'empty' }))).toEqual({ body: '', labels: [] });
  });

  it('finds none where there is a pull request, nothing, or an issue that was moved away', async () => {
    const rig = await aControlForge({
      before: ({ url }) =>
        url.endsWith('/issues/7')
          ? Response.json({ body: 'x', labels: [], repository_url: 'https://api.github.example/repos/other/place' })
          : undefined,
    });
    await rig.room.push('x', { a: 'x' });
    const number = await rig.room.openPullRequest({ head: 'x', title: 'x' });
    const read = issueReader(rig.repository);
    expect(await Promise.all([number, 99, 7].map(read))).toEqual([undefined, undefined, undefined]);
  });
});
