import { answer, page, table } from '../../pages.ts';
import { type Html, html } from '../../site/html.ts';
import { readCommit } from '../git/commits.ts';
import { diff } from '../git/diff.ts';
import { log } from '../git/history.ts';
import { isSha, resolveCommit } from '../git/refs.ts';
import { type Issue, isPull, type Repository } from '../state.ts';
import { isoOf, PREFIX, type World } from '../world.ts';
import { diffView } from './diff.ts';
import { checksView, issuePage, pullPage, styles } from './issue.ts';

/**
 * The page that stands at an `html_url`: `/`, `/{owner}/{repo}`, and below it `pull/{n}`, `issues/{n}`, `commit/{sha}`,
 * `blob/{ref}/{path}`, `runs/{id}`. undefined for any other path. For whoever can reach the cloud, without a token.
 */
export async function forgePage(world: World, path: string): Promise<Response | undefined> {
  if (path === '/') return answer(index(world));
  const [, name = '', rest = ''] = /^\/([^/]+\/[^/]+)(?:\/(.*))?$/.exec(path) ?? [];
  const repository = world.find(name);
  if (repository === undefined) return undefined;
  const body = await pageOf(world, repository, rest);
  if (body === undefined) return undefined;
  return answer(
    page(
      body.title,
      html`<style>${{ html: styles }}</style>
<p><a href="${PREFIX}/${repository.name}">${repository.name}</a></p>${body.content}`,
    ),
  );
}

interface Content {
  readonly title: string;
  readonly content: Html;
}

async function pageOf(world: World, repository: Repository, rest: string): Promise<Content | undefined> {
  if (rest === '' || rest === 'pulls' || rest === 'issues') return repositoryPage(world, repository);
  const [kind = '', id = '', ...more] = rest.split('/').map(decodeSafely);
  if (kind === 'pull' || kind === 'pulls' || kind === 'issues') {
    const issue = repository.issues.find(({ number }) => String(number) === id);
    if (issue === undefined) return undefined;
    return isPull(issue) ? pullPage(world, repository, issue) : issuePage(repository, issue);
  }
  if (kind === 'commit' && isSha(id)) return commitPage(world, repository, id);
  if (kind === 'blob') return filePage(world, repository, id, more.join('/'));
  const run = kind === 'runs' ? repository.checkRuns.find((one) => String(one.id) === id) : undefined;
  return run === undefined ? undefined : { title: run.name, content: checksView([run]) };
}

function index(world: World): Html {
  const rows = world.state.repositories.map((repository) => {
    const open = repository.issues.filter(({ state }) => state === 'open');
    return html`<tr><td><a href="${PREFIX}/${repository.name}">${repository.name}</a></td>
<td>${open.filter(isPull).length}</td><td>${open.filter((issue) => !isPull(issue)).length}</td></tr>`;
  });
  return page('Forge', table(['Repository', 'Open pull requests', 'Open issues'], rows, 'No repository yet.'));
}

async function repositoryPage(world: World, repository: Repository): Promise<Content> {
  const git = world.git(repository);
  const head = await resolveCommit(git, repository.defaultBranch);
  const commits = head === undefined ? [] : await log(git, head, { limit: 20 });
  const newest = repository.issues.toReversed();
  const content = html`<h2>Pull requests</h2>${issueTable(repository, newest.filter(isPull), 'No pull request yet.')}
<h2>Issues</h2>${issueTable(
    repository,
    newest.filter((issue) => !isPull(issue)),
    'No issue yet.',
  )}
<h2>Commits on ${repository.defaultBranch}</h2>${table(
    ['Commit', 'Message', 'By', 'At'],
    commits.map(
      ({
        sha,
        message,
        author,
      }) => html`<tr><td><a href="${PREFIX}/${repository.name}/commit/${sha}"><code>${sha.slice(0, 7)}</code></a></td>
<td>${message.split('\n')[0]}</td><td>${author.name}${repository.signed.includes(sha) && ' (verified)'}</td><td>${isoOf(author.at)}</td></tr>`,
    ),
    'No commit yet.',
  )}`;
  return { title: repository.name, content };
}

function issueTable(repository: Repository, issues: readonly Issue[], empty: string): Html {
  const rows = issues.map((issue) => {
    const url = `${PREFIX}/${repository.name}/${isPull(issue) ? 'pull' : 'issues'}/${issue.number}`;
    const state = isPull(issue) && issue.pull.mergedAt !== null ? 'merged' : issue.state;
    return html`<tr><td>#${issue.number}</td><td><a href="${url}">${issue.title}</a></td><td>${state}</td>
<td>${issue.author}</td><td>${issue.labels.join(', ')}</td></tr>`;
  });
  return table(['Number', 'Title', 'State', 'By', 'Labels'], rows, empty);
}

async function commitPage(world: World, repository: Repository, sha: string): Promise<Content | undefined> {
  const git = world.git(repository);
  const commit = await readCommit(git, sha);
  if (commit === undefined) return undefined;
  const [title = '', ...body] = commit.message.split('\n');
  const runs = repository.checkRuns.filter(({ headSha }) => headSha === sha);
  const content = html`<p>${commit.author.name}, ${isoOf(commit.author.at)}, <code>${sha}</code></p>
${body.length > 0 && html`<pre>${body.join('\n').trim()}</pre>`}${checksView(runs)}
<h2>Files</h2>${diffView(
    await diff(git, commit.parents[0], sha),
    runs.flatMap(({ annotations }) => annotations),
  )}`;
  return { title, content };
}

async function filePage(world: World, repository: Repository, ref: string, path: string): Promise<Content | undefined> {
  const git = world.git(repository);
  const sha = await resolveCommit(git, ref);
  const object = sha === undefined ? undefined : await git.object(`${sha}:${path}`);
  if (object?.type !== 'blob') return undefined;
  return { title: path, content: html`<pre>${object.content.toString()}</pre>` };
}

function decodeSafely(text: string): string {
  return URL.canParse(`http://a/${text}`) && !/%(?![0-9a-f]{2})/i.test(text) ? decodeURIComponent(text) : text;
}
