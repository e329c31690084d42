-- Invoices. Money is integers in the currency's minor unit (cents); every amount is computed here, never sent in.

create table public.invoices (
  id uuid primary key default gen_random_uuid(),
  client_id uuid not null references public.clients (id) on delete restrict,
  project_id uuid,
  number integer constraint invoices_number_key unique,
  status text not null default 'draft'
    constraint invoices_status check (status in ('draft', 'sent', 'paid', 'void')),
  currency text not null default 'USD' constraint invoices_currency check (currency ~ '^[A-Z]{3}$'),
  issued_on date,
  due_on date,
  paid_at timestamptz,
  notes text not null default '',
  subtotal_cents bigint not null default 0,
  tax_cents bigint not null default 0,
  total_cents bigint not null generated always as (subtotal_cents + tax_cents) stored,
  created_by uuid references public.users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint invoices_due_after_issue check (due_on >= issued_on),
  constraint invoices_issued_when_sent check (status = 'draft' or (number is not null and issued_on is not null)),
  -- A project's invoice goes to that project's client and to nobody else.
  constraint invoices_project_of_client foreign key (project_id, client_id)
    references public.projects (id, client_id) on delete restrict
);
create index invoices_client_id_idx on public.invoices (client_id);
create index invoices_project_id_client_id_idx on public.invoices (project_id, client_id);
create index invoices_created_by_idx on public.invoices (created_by);
alter table public.invoices enable row level security;

comment on column public.invoices.number is 'Given without gaps when the invoice leaves draft.';
comment on column public.invoices.status is 'Overdue is not a status: it is sent with due_on in the past.';

-- The limits keep every amount within what JavaScript counts exactly (2^53).
create table public.invoice_line_items (
  id uuid primary key default gen_random_uuid(),
  invoice_id uuid not null references public.invoices (id) on delete cascade,
  position integer not null default 0,
  description text not null constraint invoice_line_items_description_length
    check (char_length(description) between 1 and 1000),
  quantity numeric(7, 3) not null default 1 constraint invoice_line_items_quantity check (quantity > 0),
  unit_price_cents bigint not null constraint invoice_line_items_unit_price_cents
    check (unit_price_cents between -100000000000 and 100000000000),
  tax_basis_points integer not null default 0 constraint invoice_line_items_tax_basis_points
    check (tax_basis_points between 0 and 10000),
  amount_cents bigint not null generated always as (round(quantity * unit_price_cents)::bigint) stored,
  tax_cents bigint not null generated always as
    (round(round(quantity * unit_price_cents) * tax_basis_points / 10000)::bigint) stored,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index invoice_line_items_invoice_id_idx on public.invoice_line_items (invoice_id);
alter table public.invoice_line_items enable row level security;

comment on column public.invoice_line_items.unit_price_cents is 'Negative for a discount.';
comment on column public.invoice_line_items.tax_basis_points is 'Hundredths of a percent: 1900 is 19 %.';

-- Numbers come from a row and not from a sequence: a rolled-back transaction must give its number back.
create table private.invoice_counter (
  only_row boolean primary key default true constraint invoice_counter_only_row check (only_row),
  last_number integer not null default 0
);
insert into private.invoice_counter default values;

-- A sent invoice is a document: it is paid or voided, and never quietly becomes another one. Holds for every role.
create function private.guard_invoice() returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  if old.status = 'draft' then
    return new;
  end if;
  if (old.client_id, old.project_id, old.number, old.currency, old.issued_on)
    is distinct from (new.client_id, new.project_id, new.number, new.currency, new.issued_on) then
    raise exception 'invoice % was sent: void it and write a new one', old.number using errcode = 'check_violation';
  end if;
  if new.status = 'draft' or (old.status = 'void' and new.status <> 'void') then
    raise exception 'invoice % cannot go from % to %', old.number, old.status, new.status
      using errcode = 'check_violation';
  end if;
  return new;
end
$$;

-- Totals are computed on every write of the invoice, so that not even the server can store others.
create function private.settle_invoice() returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  select coalesce(sum(amount_cents), 0), coalesce(sum(tax_cents), 0)
    into new.subtotal_cents, new.tax_cents
    from public.invoice_line_items
    where invoice_id = new.id;

  if new.status = 'draft' then
    new.number := null;
  elsif tg_op = 'INSERT' or old.status = 'draft' then
    update private.invoice_counter set last_number = last_number + 1 returning last_number into new.number;
    new.issued_on := coalesce(new.issued_on, current_date);
  end if;

  if new.status <> 'paid' then
    new.paid_at := null;
  else
    new.paid_at := coalesce(new.paid_at, now());
  end if;
  return new;
end
$$;

-- Locks the invoice, so that it cannot be sent between this look and the end of the transaction.
create function private.guard_line_item() returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  invoice record;
begin
  for invoice in
    select number, status from public.invoices where id in (old.invoice_id, new.invoice_id) order by id for update
  loop
    if invoice.status <> 'draft' then
      raise exception 'invoice % was sent: its lines are final', invoice.number using errcode = 'check_violation';
    end if;
  end loop;
  return coalesce(new, old);
end
$$;

create function private.total_invoice() returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  update public.invoices set subtotal_cents = subtotal_cents where id in (old.invoice_id, new.invoice_id);
  return null;
end
$$;

create trigger guard_invoice before update on public.invoices
  for each row execute function private.guard_invoice();
create trigger settle_invoice before insert or update on public.invoices
  for each row execute function private.settle_invoice();
create trigger stamp_author before insert or update on public.invoices
  for each row execute function private.stamp_author();
create trigger touch_updated_at before update on public.invoices
  for each row execute function private.touch_updated_at();

create trigger guard_line_item before insert or update or delete on public.invoice_line_items
  for each row execute function private.guard_line_item();
create trigger touch_updated_at before update on public.invoice_line_items
  for each row execute function private.touch_updated_at();
create trigger total_invoice after insert or update or delete on public.invoice_line_items
  for each row execute function private.total_invoice();

revoke execute on all functions in schema private from public;
