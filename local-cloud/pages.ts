import type { Mail } from './resend/service.ts';
import { type Html, html } from './site/html.ts';

/** What the pages show, asked for when somebody looks. */
export interface PageSources {
  /** Supabase projects. */
  projects(): readonly { ref: string; name: string; status: string; url: string }[];
  /** Vercel projects; `url` is empty while nothing is deployed. */
  sites(): readonly { id: string; name: string; url: string }[];
  mails(): readonly Mail[];
}

const styles = `
:root { color-scheme: light dark; --edge: #8884; --quiet: #8889; --soft: #8881; --link: light-dark(#0b57d0, #8ab4f8) }
* { box-sizing: border-box }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 56rem; margin: 0 auto; padding: 2rem 1rem 4rem }
h1 { font-size: 1.4rem } h2 { font-size: 1.05rem; margin-top: 2.5rem }
a { color: var(--link) } nav a { margin-right: 1rem }
table { border-collapse: collapse; width: 100% } .scroll { overflow-x: auto }
th, td { text-align: left; padding: .5rem .75rem .5rem 0; border-bottom: 1px solid var(--edge); vertical-align: top }
th { font-weight: 600; font-size: .85rem } td { overflow-wrap: anywhere } td:last-child { overflow-wrap: normal }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem } dt { font-weight: 600 } dd { margin: 0 }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: var(--soft); padding: 1rem; border-radius: .5rem }
iframe { width: 100%; height: 30rem; border: 1px solid var(--edge); border-radius: .5rem; background: #fff }
.empty { opacity: .7 }
`;

/** A whole page in the cloud's dress. */
export function page(title: string, body: Html): Html {
  return html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Local cloud</title><style>${{ html: styles }}</style></head>
<body><nav><a href="/">Local cloud</a><a href="/inbox">Inbox</a><a href="/github">Forge</a><a href="/_cloud/requests">Requests</a></nav>
<main><h1>${title}</h1>${body}</main></body></html>`;
}

export function table(heads: readonly string[], rows: readonly Html[], empty: string): Html {
  if (rows.length === 0) return html`<p class="empty">${empty}</p>`;
  const head = heads.map((text) => html`<th scope="col">${text}</th>`);
  return html`<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${rows}</tbody></table></div>`;
}

function link(url: string, text: string): Html {
  return /^https?:\/\//.test(url) ? html`<a href="${url}">${text}</a>` : html`${text}`;
}

function landing(sources: PageSources): Html {
  const sites = sources
    .sites()
    .map(
      (site) =>
        html`<tr><td>${link(site.url, site.name)}</td><td>${site.url === '' ? 'nothing deployed' : site.url}</td></tr>`,
    );
  const projects = sources
    .projects()
    .map(
      (project) =>
        html`<tr><td>${project.name}</td><td><code>${project.ref}</code></td><td>${project.status}</td></tr>`,
    );
  return page(
    'Local cloud',
    html`<h2>Sites</h2>${table(['Vercel project', 'Address'], sites, 'No site yet.')}
<h2>Databases</h2>${table(['Supabase project', 'Reference', 'Status'], projects, 'No project yet.')}
<h2>Mail</h2>${mailTable(sources.mails().slice(0, 5))}`,
  );
}

function mailTable(mails: readonly Mail[]): Html {
  const rows = mails.map(
    (mail) =>
      html`<tr data-testid="mail"><td><a href="/inbox/${encodeURIComponent(mail.id)}">${mail.subject}</a></td>
<td>${mail.to.join(', ')}</td><td>${mail.at}</td><td>${mail.lastEvent}</td></tr>`,
  );
  return table(['Subject', 'To', 'At', 'State'], rows, 'No mail yet.');
}

/** The frame runs no script, has no origin and loads nothing: `sandbox` and the policy inside it. */
function frame(body: string): Html {
  const policy = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`;
  const document = `${policy}<base target="_blank">${body}`;
  return html`<h2>HTML</h2><iframe title="HTML part" sandbox="allow-popups allow-popups-to-escape-sandbox" srcdoc="${document}"></iframe>`;
}

function mailPage(mail: Mail): Html {
  const headers: [string, string][] = [
    ['From', mail.from],
    ['To', mail.to.join(', ')],
    ['Cc', mail.cc.join(', ')],
    ['Bcc', mail.bcc.join(', ')],
    ['Reply-To', mail.replyTo.join(', ')],
    ['At', mail.at],
    ['State', mail.lastEvent],
    ...Object.entries(mail.headers),
  ];
  const shown = headers.filter(([, value]) => value !== '');
  return page(
    mail.subject,
    html`<dl>${shown.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
${mail.text !== undefined && html`<h2>Text</h2><pre data-testid="mail-text">${mail.text}</pre>`}
${mail.html !== undefined && frame(mail.html)}`,
  );
}

export function answer(content: Html, status = 200): Response {
  const headers = { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' };
  return new Response(content.html, { status, headers });
}

/** The page of a path: `/`, `/inbox` or `/inbox/{id}`; undefined for any other path. */
export function pageFor(path: string, sources: PageSources): Response | undefined {
  if (path === '/') return answer(landing(sources));
  if (path === '/inbox' || path === '/inbox/') return answer(page('Inbox', mailTable(sources.mails())));
  const id = /^\/inbox\/([^/]+)$/.exec(path)?.[1];
  if (id === undefined) return undefined;
  const mail = sources.mails().find((candidate) => candidate.id === id);
  return mail === undefined
    ? answer(page('No such mail', html`<p>It may have been sent to another local cloud.</p>`), 404)
    : answer(mailPage(mail));
}
