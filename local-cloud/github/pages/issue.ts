import { type Html, html } from '../../site/html.ts';
import { pullFiles } from '../routes/pulls.ts';
import { type CheckRun, type Deployment, type Issue, isPull, type PullRequest, type Repository } from '../state.ts';
import { PREFIX, type World } from '../world.ts';
import { diffView, noteText } from './diff.ts';
import { markdown } from './markdown.ts';

export const styles = `
article { border: 1px solid var(--edge); border-radius: .5rem; padding: .25rem 1rem 1rem; margin: 1rem 0; overflow-wrap: anywhere }
article > header { border-bottom: 1px solid var(--edge); padding: .5rem 0; font-size: .9rem }
blockquote { border-left: .25rem solid var(--edge); margin: 0; padding-left: 1rem }
.file h3, .file h3 code { font-size: .95rem } article h3, article h4 { font-size: 1rem; margin: 1rem 0 .5rem }
.diff td:nth-child(-n+2):not(.note) { width: 3rem; text-align: right; opacity: .6 } .diff code { white-space: pre-wrap }
.diff td:not(.note) { border: 0; padding: 0 .5rem } .added { background: #2da44e33 } .removed { background: #cf222e33 }
.hunk { opacity: .6 } .note { padding: .5rem .75rem; border-left: .25rem solid #bf8700 }
.note.failure { border-color: #cf222e } .note.notice { border-color: #0969da }
.mention { font-weight: 600 } summary { cursor: pointer } pre[data-language=mermaid]::before { content: "mermaid"; opacity: .6 }
`;

/** An issue with its comments. */
export function issuePage(repository: Repository, issue: Issue): { title: string; content: Html } {
  return { title: `${issue.title} #${issue.number}`, content: html`${facts(issue)}${conversation(repository, issue)}` };
}

/** A pull request with comments, checks, deployments and files. */
export async function pullPage(
  world: World,
  repository: Repository,
  issue: PullRequest,
): Promise<{ title: string; content: Html }> {
  const { pull } = issue;
  const shas = [pull.headSha, pull.mergeCommitSha];
  const runs = repository.checkRuns.filter(({ headSha }) => shas.includes(headSha));
  const deployments = repository.deployments.filter(({ sha }) => shas.includes(sha));
  const annotations = runs.flatMap((run) => run.annotations);
  const content = html`${facts(issue)}${conversation(repository, issue)}${checksView(runs)}${deploymentsView(deployments)}
<h2>Files</h2>${diffView(await pullFiles(world, repository, issue), annotations)}
${pull.mergeCommitSha !== null && html`<p><a href="${PREFIX}/${repository.name}/commit/${pull.mergeCommitSha}">Merge commit</a></p>`}`;
  return { title: `${issue.title} #${issue.number}`, content };
}

function facts(issue: Issue): Html {
  const merged = isPull(issue) && issue.pull.mergedAt !== null;
  return html`<dl><dt>State</dt><dd data-testid="state">${merged ? 'merged' : issue.state}</dd><dt>By</dt><dd>${issue.author}</dd>
${
  isPull(issue) &&
  html`<dt>Branches</dt><dd><code>${issue.pull.headRef}</code> into <code>${issue.pull.baseRef}</code></dd>
<dt>Head</dt><dd><code>${issue.pull.headSha}</code></dd>`
}
${issue.labels.length > 0 && html`<dt>Labels</dt><dd>${issue.labels.join(', ')}</dd>`}</dl>`;
}

function conversation(repository: Repository, issue: Issue): Html {
  const comments = repository.comments.filter((comment) => comment.issue === issue.number);
  return html`<article data-testid="description">${issue.body === null ? html`<p class="empty">No description.</p>` : markdown(issue.body)}</article>
${comments.map(
  ({ id, author, createdAt, updatedAt, body }) =>
    html`<article id="issuecomment-${id}" data-testid="comment"><header>${author}, ${createdAt}${updatedAt !== createdAt && ', edited'}</header>
${markdown(body)}</article>`,
)}`;
}

export function checksView(runs: readonly CheckRun[]): Html {
  if (runs.length === 0) return html``;
  return html`<h2>Checks</h2>${runs.map(
    (run) =>
      html`<article data-testid="check"><header><strong>${run.name}</strong> ${run.conclusion ?? run.status} ${run.title}</header>
${markdown(run.summary ?? '')}${run.text !== null && markdown(run.text)}
${run.annotations.map((one) => html`<div class="note ${one.annotation_level}"><code>${one.path}:${one.start_line}</code> ${noteText(one)}</div>`)}</article>`,
  )}`;
}

function deploymentsView(deployments: readonly Deployment[]): Html {
  if (deployments.length === 0) return html``;
  return html`<h2>Deployments</h2><ul>${deployments.map(({ environment, statuses }) => {
    const { state = 'created', environmentUrl = '' } = statuses.at(-1) ?? {};
    const isLink = /^https?:\/\//.test(environmentUrl);
    return html`<li>${environment}: ${state} ${isLink && html`<a href="${environmentUrl}">${environmentUrl}</a>`}</li>`;
  })}</ul>`;
}
