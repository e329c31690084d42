import { sharing } from '../group.ts';
import type { Finding } from '../problem.ts';
import type { Fleet } from '../schema.ts';
import { quote } from '../text.ts';
import { publicSecrets, reservedKeys, secretsOf } from './env.ts';
import { about, type Room } from './rule.ts';

/** A rule about fleet.yaml. */
export type FleetRule = (fleet: Fleet, room: Pick<Room, 'repository'>) => Finding[];

/** A cloned or forked control room touches nothing. GitHub's names ignore case. */
const repositoryIsThisOne: FleetRule = ({ spec }, { repository }) => {
  if (repository === undefined || repository.toLowerCase() === spec.repository.toLowerCase()) return [];
  const message = `this fleet belongs to ${spec.repository}, and the run is in ${repository}`;
  const remedy = 'run it there; a copy needs a fleet.yaml of its own, with another organization, team and namePrefix';
  return [about(['spec', 'repository'], message, remedy)];
};

const fleetEnvKeys: FleetRule = (fleet) => reservedKeys(fleet.spec.env, fleet);

const fleetSecretsStayOnServer: FleetRule = ({ spec }) => publicSecrets(spec.env);

/** Every agency gets the fleet's env, so every agency must be allowed its secrets. */
const fleetSecrets: FleetRule = ({ spec }) =>
  secretsOf(spec.env).flatMap(({ path, name }) => {
    if (spec.secrets.some((secret) => secret.name === name && secret.agencies === 'all')) return [];
    return [
      about(path, `the secret ${name} is not allowed for all agencies`, 'add it to spec.secrets with agencies: all'),
    ];
  });

const uniqueSecrets: FleetRule = ({ spec }) =>
  sharing([...spec.secrets.entries()], ([, { name }]) => name).flatMap(([, ...again]) =>
    again.map(([index, { name }]) =>
      about(['spec', 'secrets', index, 'name'], `${quote(name)} is listed twice`, 'join the two entries'),
    ),
  );

const distinctInstanceNames: FleetRule = ({ spec }) =>
  sharing(Object.entries(spec.instanceEnv), ([, name]) => name).flatMap(([, ...again]) =>
    again.map(([field, name]) =>
      about(['spec', 'instanceEnv', field], `${quote(name)} is the name of two variables`, 'give each its own name'),
    ),
  );

/** The instance's variables may not steer the provisioner either. */
const instanceNamesAreFree: FleetRule = ({ spec }) =>
  Object.entries(spec.instanceEnv).flatMap(([field, name]) =>
    reservedKeys({ [name]: '' }, undefined).map(({ remedy }) =>
      about(['spec', 'instanceEnv', field], `${quote(name)} steers the provisioner`, remedy),
    ),
  );

export const fleetRules: readonly FleetRule[] = [
  repositoryIsThisOne,
  fleetEnvKeys,
  fleetSecrets,
  fleetSecretsStayOnServer,
  uniqueSecrets,
  distinctInstanceNames,
  instanceNamesAreFree,
];
