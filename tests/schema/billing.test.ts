import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Row, Run } from '../../local-cloud/instance/database.ts';
import { type AgencyDatabase, answerOf, become, openAgencyDatabase } from './agency-database.ts';
import { as, buildWorld, clients, invoices, lines, projects } from './world.ts';

let database: AgencyDatabase;
beforeAll(async () => {
  database = await openAgencyDatabase();
  await buildWorld(database);
});
afterAll(() => database.close());

const totals = async (run: Run, invoice: string): Promise<Row | undefined> =>
  (await run(`select subtotal_cents, tax_cents, total_cents from public.invoices where id = '${invoice}'`))[0];

const addLine = (columns: Record<string, number | string>, invoice: string = invoices.acmeDraft) => {
  const values = Object.values({ invoice_id: invoice, description: 'Work', ...columns }).map((value) => `'${value}'`);
  const names = Object.keys({ invoice_id: invoice, description: 'Work', ...columns });
  return `insert into public.invoice_line_items (${names.join(', ')}) values (${values.join(', ')}) returning *`;
};

const frozen = { ok: false, code: '23514' };

describe('a line', () => {
  it.each([
    [
      { quantity: 1, unit_price_cents: 12345, tax_basis_points: 1900 },
      { amount_cents: 12345, tax_cents: 2346 },
    ],
    [
      { quantity: 2.5, unit_price_cents: 9999, tax_basis_points: 0 },
      { amount_cents: 24998, tax_cents: 0 },
    ],
    [
      { quantity: 0.333, unit_price_cents: 100, tax_basis_points: 700 },
      { amount_cents: 33, tax_cents: 2 },
    ],
    // Tax is on the rounded amount: on 33.3 it would be 5.
    [
      { quantity: 0.333, unit_price_cents: 100, tax_basis_points: 1360 },
      { amount_cents: 33, tax_cents: 4 },
    ],
    [
      { quantity: 3, unit_price_cents: -5000, tax_basis_points: 2000 },
      { amount_cents: -15000, tax_cents: -3000 },
    ],
    [{ quantity: 9999.999, unit_price_cents: 1e11, tax_basis_points: 10000 }, { amount_cents: 999999900000000 }],
  ])('%j comes to %j', async (columns, amounts) => {
    expect(await database.attempt(as('owner'), addLine(columns))).toMatchObject({ ok: true, rows: [amounts] });
  });

  it.each([
    { unit_price_cents: 1, quantity: 0 },
    { unit_price_cents: 1, quantity: -1 },
    { unit_price_cents: 1e11 + 1 },
    { unit_price_cents: 1, tax_basis_points: 10001 },
    { unit_price_cents: 1, tax_basis_points: -1 },
    { unit_price_cents: 1, description: '' },
  ])('%j is refused', async (columns) => {
    expect(await database.attempt(as('owner'), addLine(columns))).toMatchObject({ ok: false, code: '23514' });
  });

  it('takes no amount from anybody', async () => {
    for (const caller of [as('owner'), 'service_role'] as const) {
      const answer = await database.attempt(caller, addLine({ unit_price_cents: 1, amount_cents: 5 }));
      expect(answer).toMatchObject({ ok: false, code: '428C9' });
    }
  });
});

describe('the totals', () => {
  it('follow the lines as they come, change and go', async () => {
    const seen = await database.rehearse(as('manager'), async (run) => {
      const found = [await totals(run, invoices.acmeDraft)];
      await run(addLine({ quantity: 2, unit_price_cents: 5000, tax_basis_points: 1000 }));
      found.push(await totals(run, invoices.acmeDraft));
      await run(`update public.invoice_line_items set quantity = 3 where id = '${lines.acmeDraft}'`);
      found.push(await totals(run, invoices.acmeDraft));
      await run(`delete from public.invoice_line_items where id = '${lines.acmeDraft}'`);
      found.push(await totals(run, invoices.acmeDraft));
      return found;
    });
    expect(seen).toEqual([
      { subtotal_cents: 100000, tax_cents: 0, total_cents: 100000 },
      { subtotal_cents: 110000, tax_cents: 1000, total_cents: 111000 },
      { subtotal_cents: 310000, tax_cents: 1000, total_cents: 311000 },
      { subtotal_cents: 10000, tax_cents: 1000, total_cents: 11000 },
    ]);
  });

  it('follow a line that moves from one draft to another', async () => {
    const seen = await database.rehearse('service_role', async (run) => {
      const [other] = await run(`insert into public.invoices (client_id) values ('${clients.acme}') returning id`);
      await run('update public.invoice_line_items set invoice_id = $1 where id = $2', [other?.id, lines.acmeDraft]);
      return [await totals(run, invoices.acmeDraft), await totals(run, String(other?.id))];
    });
    expect(seen.map((row) => row?.total_cents)).toEqual([0, 100000]);
  });

  it('cannot be written by anybody, the server included', async () => {
    for (const caller of [as('owner'), 'service_role'] as const) {
      const written = await database.attempt(
        caller,
        `update public.invoices set subtotal_cents = 1, tax_cents = 1 where id = '${invoices.acmeDraft}'
          returning subtotal_cents, tax_cents, total_cents`,
      );
      expect(written).toEqual({ ok: true, rows: [{ subtotal_cents: 100000, tax_cents: 0, total_cents: 100000 }] });
      const born = await database.attempt(
        caller,
        `insert into public.invoices (client_id, subtotal_cents) values ('${clients.acme}', 99) returning total_cents`,
      );
      expect(born).toEqual({ ok: true, rows: [{ total_cents: 0 }] });
    }
  });

  it('are the sum of the lines for every invoice', async () => {
    const wrong = await database.owner(`select invoices.id from public.invoices
      left join public.invoice_line_items as lines on lines.invoice_id = invoices.id
      group by invoices.id having total_cents <> coalesce(sum(lines.amount_cents + lines.tax_cents), 0)`);
    expect(wrong).toEqual([]);
  });
});

describe('sending', () => {
  const send = (invoice: string) => `update public.invoices set status = 'sent' where id = '${invoice}'
    returning number, issued_on::text = current_date::text as today`;

  it('gives the next number and the date', async () => {
    expect(await database.attempt(as('manager'), send(invoices.acmeDraft))).toEqual({
      ok: true,
      rows: [{ number: 3, today: true }],
    });
  });

  it('leaves no gap where a transaction was taken back', async () => {
    await database.attempt(as('manager'), send(invoices.acmeDraft));
    expect(await database.attempt(as('manager'), send(invoices.acmeDraft))).toMatchObject({ rows: [{ number: 3 }] });
  });

  it('takes no number from anybody', async () => {
    const early = `update public.invoices set number = 77 where id = '${invoices.acmeDraft}' returning number`;
    expect(await database.attempt(as('owner'), early)).toEqual({ ok: true, rows: [{ number: null }] });
    const chosen = `update public.invoices set number = 77, status = 'sent' where id = '${invoices.acmeDraft}'
      returning number`;
    expect(await database.attempt(as('owner'), chosen)).toEqual({ ok: true, rows: [{ number: 3 }] });
  });

  it('shows the invoice and its lines to the client', async () => {
    const seen = await database.rehearse('service_role', async (run) => {
      await run(send(invoices.acmeDraft));
      await become(run, as('clara'));
      return run(
        'select (select count(*)::int from public.invoices) as invoices, count(*)::int as lines from public.invoice_line_items',
      );
    });
    expect(seen).toEqual([{ invoices: 2, lines: 2 }]);
  });
});

describe('a sent invoice', () => {
  const update = (assignment: string) =>
    `update public.invoices set ${assignment} where id = '${invoices.acmeSent}' returning status, paid_at is not null as paid`;

  it.each([
    "currency = 'EUR'",
    'number = 99',
    "issued_on = '2020-01-01'",
    'project_id = null',
    `client_id = '${clients.birch}', project_id = null`,
    "status = 'draft'",
  ])('does not take %s, from anybody', async (assignment) => {
    expect(await database.attempt(as('owner'), update(assignment))).toMatchObject(frozen);
    expect(await database.attempt('service_role', update(assignment))).toMatchObject(frozen);
  });

  it('has final lines', async () => {
    for (const caller of [as('owner'), 'service_role'] as const) {
      for (const sql of [
        addLine({ unit_price_cents: 1 }, invoices.acmeSent),
        `update public.invoice_line_items set quantity = 2 where id = '${lines.acmeSent}'`,
        `delete from public.invoice_line_items where id = '${lines.acmeSent}'`,
        `update public.invoice_line_items set invoice_id = '${invoices.acmeSent}' where id = '${lines.acmeDraft}'`,
        `update public.invoice_line_items set invoice_id = '${invoices.acmeDraft}' where id = '${lines.acmeSent}'`,
      ]) {
        expect(await database.attempt(caller, sql), sql).toMatchObject(frozen);
      }
    }
  });

  it('is paid, and unpaid again when the payment bounces', async () => {
    const seen = await database.rehearse(as('manager'), async (run) => [
      ...(await run(update("status = 'paid'"))),
      ...(await run(update("status = 'sent'"))),
    ]);
    expect(seen).toEqual([
      { status: 'paid', paid: true },
      { status: 'sent', paid: false },
    ]);
  });

  it('is voided for good', async () => {
    const answer = await database.rehearse(as('manager'), async (run) => {
      await run(update("status = 'void'"));
      return answerOf(run(update("status = 'paid'")));
    });
    expect(answer).toMatchObject(frozen);
  });

  it('is deleted by the server alone, lines and all', async () => {
    const remove = `delete from public.invoices where id = '${invoices.acmeSent}' returning number`;
    expect(await database.attempt(as('owner'), remove)).toEqual({ ok: true, rows: [] });
    expect(await database.attempt('service_role', remove)).toEqual({ ok: true, rows: [{ number: 1 }] });
  });
});

describe('an invoice', () => {
  const make = (columns: string, values: string) => `insert into public.invoices (${columns}) values (${values})`;

  it('goes to the client of its project and to nobody else', async () => {
    const crossed = make('client_id, project_id', `'${clients.birch}', '${projects.north}'`);
    expect(await database.attempt('service_role', crossed)).toMatchObject({ ok: false, code: '23503' });
    const inhouse = make('client_id, project_id', `'${clients.birch}', '${projects.inhouse}'`);
    expect(await database.attempt('service_role', inhouse)).toMatchObject({ ok: false, code: '23503' });
  });

  it('keeps its project with its client: the project cannot be handed to another', async () => {
    const hand = `update public.projects set client_id = '${clients.birch}' where id = '${projects.north}'`;
    expect((await database.attempt(as('owner'), hand)).ok).toBe(false);
  });

  it('has a currency of three capital letters and is due after it was issued', async () => {
    const currency = make('client_id, currency', `'${clients.acme}', 'usd'`);
    expect(await database.attempt('service_role', currency)).toMatchObject({ code: '23514' });
    const due = make('client_id, issued_on, due_on', `'${clients.acme}', '2026-02-01', '2026-01-01'`);
    expect(await database.attempt('service_role', due)).toMatchObject({ code: '23514' });
  });
});
