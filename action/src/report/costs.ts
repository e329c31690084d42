import type { Change } from '../engine/decide.ts';

/**
 * Dollars a month of a database server, before the ten of credit that a paid organization has:
 * https://supabase.com/docs/guides/platform/manage-your-usage/compute as read on 2026-11-25. Estimates for people.
 */
const SERVER_DOLLARS: Readonly<Record<string, number>> = {
  nano: 0,
  micro: 10,
  small: 15,
  medium: 60,
  large: 110,
  xlarge: 210,
  '2xlarge': 410,
  '4xlarge': 960,
  '8xlarge': 1_870,
  '12xlarge': 2_800,
  '16xlarge': 3_730,
};

/** What a Pro team of Vercel may create in an hour: https://vercel.com/docs/limits as of 2026-04-03. */
const AN_HOUR = { projects: 100, deployments: 450 };

/** Minutes until a new agency is ready, most of them for its database and its first build. */
const MINUTES = { new: 5, build: 3 };

/** What a plan takes of what costs money, time or a vendor's patience. */
export interface Costs {
  readonly databases: number;
  readonly sites: number;
  readonly deployments: number;
  readonly mails: number;
  /** More than before, a month; `undefined` where a size has no known price. */
  readonly dollars: number | undefined;
  readonly minutes: number;
}

export function costsOf(changes: readonly Change[]): Costs {
  const made = (kind: string) =>
    changes.filter((change) => change.kind === kind && (change.action === 'create' || change.action === 'replace'));
  const databases = made('supabase.project');
  const deployments = made('vercel.deployment').length;
  const prices = databases.map(({ differences }) => {
    const size = differences.find(({ path }) => path === 'size')?.after ?? '';
    return SERVER_DOLLARS[size];
  });
  const known = prices.filter((price) => price !== undefined);
  return {
    databases: databases.length,
    sites: made('vercel.project').length,
    deployments,
    mails: made('resend.welcome').length,
    dollars: known.length === prices.length ? known.reduce((sum, price) => sum + price, 0) : undefined,
    minutes: databases.length > 0 ? MINUTES.new : deployments > 0 ? MINUTES.build : 0,
  };
}

export function total(all: readonly Costs[]): Costs {
  const sum = (of: (costs: Costs) => number) => all.reduce((so, costs) => so + of(costs), 0);
  return {
    databases: sum(({ databases }) => databases),
    sites: sum(({ sites }) => sites),
    deployments: sum(({ deployments }) => deployments),
    mails: sum(({ mails }) => mails),
    dollars: all.some(({ dollars }) => dollars === undefined) ? undefined : sum(({ dollars }) => dollars ?? 0),
    // Agencies are worked on side by side.
    minutes: Math.max(0, ...all.map(({ minutes }) => minutes)),
  };
}

/** As one sentence; empty when nothing is taken. */
export function costsText({ databases, sites, deployments, mails, dollars, minutes }: Costs): string {
  const share = (number: number, most: number) => `${number} of ${most} that Vercel allows an hour`;
  const parts = [
    ...(databases > 0 ? [`${databases} Supabase ${databases === 1 ? 'project' : 'projects'}`] : []),
    ...(sites > 0
      ? [`${sites} Vercel ${sites === 1 ? 'project' : 'projects'} (${share(sites, AN_HOUR.projects)})`]
      : []),
    ...(deployments > 0
      ? [
          `${deployments} ${deployments === 1 ? 'deployment' : 'deployments'} (${share(deployments, AN_HOUR.deployments)})`,
        ]
      : []),
    ...(mails > 0 ? [`${mails} ${mails === 1 ? 'mail' : 'mails'}`] : []),
  ];
  if (parts.length === 0) return '';
  const price =
    dollars === undefined
      ? 'the price of a size is not known here'
      : `about $${dollars.toLocaleString('en-US')} a month more for database servers`;
  return `${parts.join(', ')}; ${price}; about ${minutes} minutes.`;
}
