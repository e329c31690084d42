import { changePassword, session, signIn, signOut, user } from './api.js';
import { load, onSubmit, wireForms } from './lists.js';

const byId = (id) => document.getElementById(id);
const views = ['sign-in', 'change-password', 'workspace'];

function show(view) {
  for (const id of views) byId(id).hidden = id !== view;
  byId('account').hidden = view === 'sign-in';
  byId('open-change-password').hidden = view !== 'workspace';
  byId(view).querySelector('input')?.focus();
}

/** The password in the welcome mail is temporary until its owner has chosen another. */
function isTemporary({ app_metadata: app = {}, user_metadata: own = {} }) {
  return own.must_change_password === true || (app.provisioner !== undefined && own.password_changed_at === undefined);
}

function askForPassword(temporary) {
  byId('temporary-note').hidden = !temporary;
  byId('cancel-change').hidden = temporary;
  byId('change-password-form').reset();
  show('change-password');
}

async function open() {
  if (session() === null) return show('sign-in');
  const me = await user();
  byId('who').textContent = me.email;
  if (isTemporary(me)) return askForPassword(true);
  await load();
  show('workspace');
}

async function start() {
  try {
    await open();
  } catch (failure) {
    show('sign-in');
    byId('sign-in').querySelector('[role=alert]').textContent = failure.message;
  }
}

onSubmit(byId('sign-in-form'), async (data) => {
  await signIn(data.get('email').trim(), data.get('password'));
  byId('sign-in-form').reset();
  await open();
});

onSubmit(byId('change-password-form'), async (data) => {
  if (data.get('password') !== data.get('repeated')) throw new Error('The two passwords differ.');
  await changePassword(data.get('password'));
  byId('notice').textContent = 'Your password has been changed.';
  await open();
});

byId('open-change-password').addEventListener('click', () => askForPassword(false));
byId('cancel-change').addEventListener('click', () => show('workspace'));
byId('sign-out').addEventListener('click', async () => {
  try {
    await signOut();
  } finally {
    byId('notice').textContent = '';
    show('sign-in');
  }
});

wireForms();
start();
