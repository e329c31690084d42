import { vi } from 'vitest';
import type { Cloud } from '../../local-cloud/cloud.ts';
import type { Exchange } from './check.ts';
import type { Vendor } from './documents.ts';

const VENDORS: readonly Vendor[] = ['supabase', 'vercel', 'resend'];

/** Takes notes, until the test ends, of what goes to a vendor whose document we have, and of what comes back. */
export function record(cloud: Cloud): readonly Exchange[] {
  const exchanges: Exchange[] = [];
  const answerTo = cloud.fetch;
  vi.spyOn(cloud, 'fetch').mockImplementation(async (request) => {
    const { pathname, searchParams: query } = new URL(request.url);
    const vendor = VENDORS.find((name) => pathname.startsWith(`/${name}/`));
    if (vendor === undefined) return answerTo(request);
    const sent = parsed(await request.clone().text());
    const answer = await answerTo(request);
    const response = parsed(await answer.clone().text());
    const { method } = request;
    const path = pathname.slice(vendor.length + 1);
    exchanges.push({ vendor, method, path, query, request: sent, status: answer.status, response });
    return answer;
  });
  return exchanges;
}

function parsed(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
