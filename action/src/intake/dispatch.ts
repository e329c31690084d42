import * as z from 'zod';
import { ManifestError } from '../engine/errors.ts';
import type { AgencyRequest } from './request.ts';

/** `client_payload` of a repository_dispatch; https://docs.github.com/en/rest/repos/repos#create-a-repository-dispatch-event */
export type Payload = Readonly<Record<string, unknown>>;

/** A company's table may number its requests. */
const id = z.union([z.string(), z.int().transform(String)]);
const naming = z.union([
  z.object({ request_id: id }).transform(({ request_id }) => request_id),
  z.object({ request: id }).transform(({ request }) => request),
]);

const text = z
  .string()
  .nullish()
  .transform((value) => (value?.trim() ? value.trim() : undefined));
const whole = z.object({ agency_name: text, owner_name: text, owner_email: text, region: text });

/** The id of the request that a dispatch speaks of, `request_id` or `request`; `undefined` when it names none. */
export function idOfDispatch(payload: Payload): string | undefined {
  const read = naming.safeParse(payload).data?.trim();
  return read === '' ? undefined : read;
}

/**
 * The request that a dispatch carries, for a company without a database for the provisioner. Throws ManifestError,
 * naming the field.
 */
export function requestOfDispatch(payload: Payload): AgencyRequest {
  const read = whole.safeParse(payload);
  if (!read.success) throw unfit(String(read.error.issues[0]?.path[0]), 'is not a text');
  const { agency_name, owner_name, owner_email, region } = read.data;
  const agencyName = agency_name ?? absent('agency_name');
  return {
    id: idOfDispatch(payload) ?? absent('request_id'),
    agencyName,
    ownerName: owner_name ?? agencyName,
    ownerEmail: owner_email ?? absent('owner_email'),
    ...(region !== undefined && { region }),
    source: { door: 'dispatch' },
  };
}

function absent(field: string): never {
  throw unfit(field, 'is missing');
}

function unfit(field: string, why: string): ManifestError {
  return new ManifestError(
    `client_payload.${field} of the dispatch ${why}`,
    'Send request_id, agency_name, owner_name, owner_email and region as texts; or configure the company’s database, and send request_id alone.',
  );
}
