import { createHash } from 'node:crypto';
import type { Project, ProjectDomain } from '../state.ts';
import { present, type World } from '../world.ts';

/** Public suffixes are out of scope: the last two labels. */
export const apexOf = (name: string): string => name.split('.').slice(-2).join('.');

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

function challenge(project: Project, name: string): Record<string, string> {
  const value = `vc-domain-verify=${name},${digest(`${project.id}.${name}`)}`;
  return { type: 'TXT', domain: `_vercel.${apexOf(name)}`, value, reason: 'pending_domain_verification' };
}

export function domainView(project: Project, domain: ProjectDomain): Record<string, unknown> {
  const apexName = apexOf(domain.name);
  const verification = domain.verified ? {} : { verification: [challenge(project, domain.name)] };
  return { ...domain, apexName, projectId: project.id, customEnvironmentId: null, ...verification };
}

/** The host under vercel.app, which every project has from its first day. */
export function ownDomain(project: Project): ProjectDomain {
  const { host: name, createdAt } = project;
  const plain = { gitBranch: null, redirect: null, redirectStatusCode: null };
  return { name, verified: true, ...plain, createdAt, updatedAt: createdAt };
}

/** What DNS says of a domain: misconfigured until some time after it was added somewhere. */
export function configView(world: World, name: string): Record<string, unknown> {
  const added = world.state.projects.flatMap(({ domains }) => domains).find((domain) => domain.name === name);
  const due = (added?.createdAt ?? Number.POSITIVE_INFINITY) + world.timing.dnsMs;
  const misconfigured = present(world) < due;
  return {
    configuredBy: misconfigured ? null : 'CNAME',
    acceptedChallenges: misconfigured ? [] : ['http-01'],
    recommendedIPv4: [{ rank: 1, value: ['203.0.113.21'] }],
    recommendedCNAME: [{ rank: 1, value: `${digest(name)}.vercel-dns-017.example.` }],
    misconfigured,
  };
}
