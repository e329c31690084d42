import { type Html, html } from './html.ts';

/** What the page is made of: a deployment's own variables. */
export interface AppSettings {
  agency: string;
  supabaseUrl: string;
  supabaseKey: string;
}

function field(id: string, label: string, attributes: Html): Html {
  return html`<label for="${id}">${label}<input id="${id}" data-testid="${id}" ${attributes}></label>`;
}

function submit(id: string, text: string): Html {
  return html`<p class="error" role="alert" data-testid="${id}-error"></p><button type="submit" data-testid="${id}-submit">${text}</button>`;
}

const signIn = html`<section id="sign-in" class="card narrow" aria-labelledby="sign-in-title" hidden>
<h2 id="sign-in-title">Sign in</h2>
<form id="sign-in-form" data-testid="sign-in-form">
${field('email', 'Email', html`name="email" type="email" autocomplete="username" required`)}
${field('password', 'Password', html`name="password" type="password" autocomplete="current-password" required`)}
${submit('sign-in', 'Sign in')}
</form></section>`;

const changePassword = html`<section id="change-password" class="card narrow" aria-labelledby="change-title" hidden>
<h2 id="change-title">Choose your own password</h2>
<p id="temporary-note" class="quiet" data-testid="temporary-note">You signed in with a temporary password. Choose your own to go on.</p>
<form id="change-password-form" data-testid="change-password-form">
${field('new-password', 'New password', html`name="password" type="password" autocomplete="new-password" minlength="8" required`)}
${field('repeat-password', 'Repeat it', html`name="repeated" type="password" autocomplete="new-password" minlength="8" required`)}
${submit('change-password', 'Change password')}
<button type="button" class="plain" id="cancel-change" data-testid="cancel-change">Cancel</button>
</form></section>`;

const workspace = html`<section id="workspace" data-testid="workspace" aria-label="Workspace" hidden>
<p id="notice" role="status" data-testid="notice"></p>
<div class="columns">
<section class="card" aria-labelledby="clients-title"><h2 id="clients-title">Clients</h2>
<form id="client-form" data-testid="client-form">
${field('client-name', 'New client', html`name="name" maxlength="200" autocomplete="off" required`)}
${submit('client', 'Add client')}</form>
<ul id="clients-list" data-testid="clients-list"></ul></section>
<section class="card" aria-labelledby="projects-title"><h2 id="projects-title">Projects</h2>
<form id="project-form" data-testid="project-form">
${field('project-name', 'New project', html`name="name" maxlength="200" autocomplete="off" required`)}
<label for="project-client">Client<select id="project-client" data-testid="project-client" name="client"></select></label>
${submit('project', 'Add project')}</form>
<ul id="projects-list" data-testid="projects-list"></ul></section>
</div></section>`;

const account = html`<div id="account" data-testid="account" hidden><span id="who" class="quiet" data-testid="who"></span>
<button type="button" class="plain" id="open-change-password" data-testid="open-change-password">Change password</button>
<button type="button" class="plain" id="sign-out" data-testid="sign-out">Sign out</button></div>`;

function document(title: string, head: Html, body: Html): Html {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title><link rel="stylesheet" href="style.css">${head}</head><body>${body}</body></html>`;
}

/** The whole app: one page that lives under whatever path it is served at. */
export function appPage({ agency, supabaseUrl, supabaseKey }: AppSettings): Html {
  const head = html`<meta name="supabase-url" content="${supabaseUrl}"><meta name="supabase-key" content="${supabaseKey}">
<script type="module" src="app.js"></script>`;
  const body = html`<header><h1 data-testid="agency">${agency}</h1>${account}</header>
<main>${signIn}${changePassword}${workspace}<noscript>This app needs JavaScript.</noscript></main>`;
  return document(agency, head, body);
}

/** What visitors see instead of the app; `code` is Vercel's name for the reason. */
export function plainPage(title: string, code: string, text: string): Html {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title></head><body><h1>${title}</h1><p>${text}</p><p>Code: <code>${code}</code></p></body></html>`;
}
