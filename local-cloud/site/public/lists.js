import { create, rows, update } from './api.js';

function element(name, properties = {}, ...children) {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...children);
  return node;
}

function button(text, testId, className = 'plain', type = 'button') {
  const node = element('button', { type, className, textContent: text });
  node.dataset.testid = testId;
  return node;
}

/** Runs what a form does: one at a time, with what went wrong beside it. */
export function onSubmit(form, work) {
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const error = form.querySelector('[role=alert]');
    const submit = form.querySelector('[type=submit]');
    error.textContent = '';
    submit.disabled = true;
    try {
      await work(new FormData(form));
    } catch (failure) {
      error.textContent = failure.message;
    } finally {
      submit.disabled = false;
    }
  });
}

function editor(table, row, done) {
  const input = element('input', { name: 'name', value: row.name, required: true, maxLength: 200 });
  input.dataset.testid = `${table}-edit-name`;
  const cancel = button('Cancel', `${table}-edit-cancel`);
  const error = element('p', { className: 'error' });
  error.setAttribute('role', 'alert');
  const save = button('Save', `${table}-edit-save`, '', 'submit');
  const form = element('form', {}, element('label', {}, 'Name', input), save, cancel, error);
  cancel.addEventListener('click', done);
  onSubmit(form, async (data) => {
    await update(table, row.id, { name: data.get('name').trim() });
    await done();
  });
  return form;
}

function item(table, row, note, reload) {
  const name = element('span', { className: 'name', textContent: row.name });
  if (note !== '') name.append(element('br'), element('small', { textContent: note }));
  const edit = button('Edit', `${table}-edit`);
  edit.setAttribute('aria-label', `Edit ${row.name}`);
  const line = element('li', {}, name, edit);
  line.dataset.testid = `${table}-row`;
  edit.addEventListener('click', () => {
    line.replaceChildren(editor(table, row, reload));
    line.querySelector('input').focus();
  });
  return line;
}

function show(table, found, note, reload) {
  const lines = found.map((row) => item(table, row, note(row), reload));
  const empty = element('li', { className: 'quiet', textContent: 'Nothing here yet.' });
  document.getElementById(`${table}-list`).replaceChildren(...(lines.length === 0 ? [empty] : lines));
}

function offer(clients) {
  const select = document.getElementById('project-client');
  const options = clients.map(({ id, name }) => element('option', { value: id, textContent: name }));
  select.replaceChildren(element('option', { value: '', textContent: 'No client' }), ...options);
}

/** Reads both tables again. */
export async function load() {
  const [clients, projects] = await Promise.all([rows('clients', 'id,name'), rows('projects', 'id,name,client_id')]);
  const nameOf = (id) => clients.find((client) => client.id === id)?.name ?? '';
  offer(clients);
  show('clients', clients, () => '', load);
  show('projects', projects, (project) => nameOf(project.client_id), load);
}

/** Wires the two forms that add rows. */
export function wireForms() {
  onSubmit(document.getElementById('client-form'), async (data) => {
    await create('clients', { name: data.get('name').trim() });
    document.getElementById('client-form').reset();
    await load();
  });
  onSubmit(document.getElementById('project-form'), async (data) => {
    const client = data.get('client');
    await create('projects', { name: data.get('name').trim(), ...(client !== '' && { client_id: client }) });
    document.getElementById('project-form').reset();
    await load();
  });
}
