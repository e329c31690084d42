// The two routes that the company's approval page needs, for any server that speaks Request and Response.
// They are run by tests/control-plane/approval-routes.test.ts; docs/control-plane.md says how to set them up.
import { createClient } from '@supabase/supabase-js';

/** The company's own Supabase project and the control room. All but the publishable key stays on the server. */
export interface Company {
  readonly supabaseUrl: string;
  readonly publishableKey: string;
  readonly secretKey: string;
  /** `owner/name` of the control room. */
  readonly controlRoom: string;
  /** Fine-grained, for that repository alone, with Contents: write. */
  readonly githubToken: string;
  /** `https://api.github.com`, unless GitHub is hosted elsewhere. */
  readonly githubApiUrl: string;
}

const SHOWN =
  'id, agency_name, status, pull_request_url, instance_url, error_message, provisioning_started_at, provisioning_completed_at, jobs:provisioning_jobs(status, current_step, error_message, started_at, completed_at)';

/** `GET /onboarding/:id`: the row and its jobs, as far as whoever is signed in may read them. Poll it. */
export async function status(request: Request, id: string, company: Company): Promise<Response> {
  const row = await readAsCaller(request, id, company);
  return row ? Response.json(row) : Response.json({ message: 'not found' }, { status: 404 });
}

/** `POST /onboarding/:id/approve`: who may not read it may not approve it. */
export async function approve(request: Request, id: string, company: Company): Promise<Response> {
  if (!(await readAsCaller(request, id, company))) return Response.json({ message: 'not found' }, { status: 404 });
  const { error } = await createClient(company.supabaseUrl, company.secretKey)
    .from('agency_onboarding_requests')
    .update({ status: 'approved', error_message: null })
    .eq('id', id)
    .in('status', ['pending', 'failed']);
  if (error) return Response.json({ message: 'it could not be approved' }, { status: 502 });
  // The row is what counts: a dispatch that is lost is made up for by the sweep of approved rows.
  const dispatched = await dispatch(id, company).catch(() => false);
  return Response.json({ approved: true, dispatched }, { status: 202 });
}

async function readAsCaller(request: Request, id: string, { supabaseUrl, publishableKey }: Company): Promise<unknown> {
  const authorization = request.headers.get('authorization');
  if (!authorization) return undefined;
  const client = createClient(supabaseUrl, publishableKey, { global: { headers: { Authorization: authorization } } });
  const { data } = await client.from('agency_onboarding_requests').select(SHOWN).eq('id', id).maybeSingle();
  return data ?? undefined;
}

async function dispatch(id: string, { controlRoom, githubToken, githubApiUrl }: Company): Promise<boolean> {
  const answer = await fetch(`${githubApiUrl}/repos/${controlRoom}/dispatches`, {
    method: 'POST',
    headers: { accept: 'application/vnd.github+json', authorization: `Bearer ${githubToken}` },
    body: JSON.stringify({ event_type: 'agency-approved', client_payload: { request_id: id } }),
  });
  return answer.ok;
}
