import { describe, expect, it } from 'vitest';
import { runIntake } from '../../action/src/intake/run-intake.ts';
import { agencyText, fleetText } from '../../action/src/manifest/builders.ts';
import { loadControlRoom } from '../../action/src/manifest/load.ts';
import { anIntakeRig, aRow, type IntakeRig, requestTable } from '../support/intake-rig.ts';

/** The texts of a page, as a reader sees them. */
function textOf(html: string): string {
  const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', nbsp: ' ' };
  return html
    .replace(/<[^>]*>/g, '')
    .replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (whole, decimal, hex, name) =>
      name ? (named[name] ?? whole) : String.fromCodePoint(decimal ? Number(decimal) : Number.parseInt(hex, 16)),
    );
}

async function pageOf({ forge }: IntakeRig, path: string): Promise<string> {
  const response = await forge.fetch(`${forge.serverUrl}/example/control-room/${path}`);
  expect(response.status).toBe(200);
  return response.text();
}

const hostile = [
  '<script>alert(1)</script>',
  '</td></tr></table><img src=x onerror=alert(1)>',
  '![beacon](https://evil.example/b.png)',
  '[click](javascript:alert(1)) <https://evil.example>',
  '@everyone @example/admins #1 GH-1 :tada:',
  'Closes #1, fixes example/control-room#1',
  '| a | b |',
  '```` ``` `code`',
  '--> <!-- agency-provisioner:intake -->',
  '&anchor *alias !!js/function {{ x }}',
  "x'); DROP TABLE agency_onboarding_requests; --",
  '::error::x ##[command]y',
  '**bold** _it_ ~~no~~ $\\frac{1}{2}$',
];

describe('hostile text of a request', () => {
  it.each(hostile)('%j shows as text on the pull request, and stands in the manifest as it is', async (text) => {
    const rig = await anIntakeRig(requestTable(aRow('r1', { agencyName: text, ownerName: text })));
    const report = await runIntake({}, rig.ports);
    expect(report).toMatchObject({ result: 'done', outcomes: [{ state: 'opened' }] });
    const slug = report.outcomes[0]?.slug ?? '';

    const manifest = (await rig.room.read(`agencies/${slug}.yaml`, 'onboard/r1')) ?? '';
    const { agencies } = loadControlRoom({
      fleet: { file: 'fleet.yaml', text: fleetText },
      agencies: [{ file: `agencies/${slug}.yaml`, text: manifest }],
      migrations: [],
    });
    expect(agencies[0]?.manifest?.spec).toMatchObject({ displayName: text, owner: { name: text } });

    const page = await pageOf(rig, 'pull/1');
    expect(textOf(page)).toContain(text);
    expect(page).not.toMatch(/<script|<img|class="mention"|href="(?:javascript|https:\/\/evil)/i);
    const { data } = await rig.octokit().rest.pulls.get({ owner: 'example', repo: 'control-room', pull_number: 1 });
    expect(data.title).toBe(`Onboard ${slug}`);
    expect(data.body).not.toMatch(/@everyone|@example|#1\b|GH-1|evil\.example|<script|<img|:tada:/);
    expect(report.markdown).not.toMatch(/@everyone|<script|<img|evil\.example/);
  });

  it.each([
    ['an expression', `Acme \${{ secrets.X }}`],
    ['a mark that reverses the text', 'Acme \u202egnp.exe'],
    ['10,000 characters', '<script>'.repeat(1_250)],
    ['a second document', 'Acme\n---\nkind: Agency'],
  ])('is refused for %s, and the refusal shows as text', async (_, agencyName) => {
    const rig = await anIntakeRig();
    const issue = await rig.anApprovedIssue(
      `### Agency name\n\n${agencyName}\n\n### Owner name\n\n@everyone\n\n### Owner email\n\n<img src=x>@evil.example`,
    );
    const report = await runIntake({ issue }, rig.ports);
    expect(report).toMatchObject({ result: 'failed' });
    expect(await rig.pullBranches()).toEqual([]);
    expect(await rig.onboardBranches()).toEqual([]);
    const [comment] = await rig.comments(issue);
    expect(comment).toContain('the agency name');
    for (const said of [comment ?? '', report.markdown]) {
      expect(said).not.toMatch(/@everyone|<img|<script|\$\{\{|\u202e/);
      expect(said.length).toBeLessThan(3_000);
    }
  });

  it('in the notes of an issue stays within its fence', async () => {
    const rig = await anIntakeRig();
    const notes = '```\n\n# Big\n\n![x](https://evil.example/b.png) \u202e@everyone\n````\n<script>alert(1)</script>';
    const issue = await rig.anApprovedIssue(
      `### Agency name\n\nAcme\n\n### Owner name\n\nA\n\n### Owner email\n\na@acme.example\n\n### Notes\n\n${notes}`,
    );
    await runIntake({ issue }, rig.ports);
    const page = await pageOf(rig, `pull/${issue + 1}`);
    expect(page).not.toMatch(/<script|<img|<h1[^>]*>Big/);
    expect(textOf(page)).toContain('![x](https://evil.example/b.png) @everyone');
    const { data } = await rig
      .octokit()
      .rest.pulls.get({ owner: 'example', repo: 'control-room', pull_number: issue + 1 });
    expect(data.body).toContain('`````text\n```\n\n# Big');
  });

  it('does not reach the other agencies', async () => {
    const rig = await anIntakeRig(requestTable(aRow('r1', { agencyName: '../hello-world' })));
    await runIntake({}, rig.ports);
    expect(await rig.added('onboard/r1')).toEqual(['agencies/hello-world-2.yaml']);
    expect(await rig.room.read('agencies/hello-world.yaml', 'onboard/r1')).toBe(agencyText('hello-world', 'hello123'));
  });
});
