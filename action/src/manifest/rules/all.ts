import { agencyEnvKeys, agencySecrets, agencySecretsStayOnServer, envFitsVendor } from './env.ts';
import { newFilesCarryNoStatus, noneDeletedWithInventory, statusUntouched, uidUntouched } from './history.ts';
import { immutableFields, nameEqualsFile, nameUntouched, uniqueNames, uniqueThings, uniqueUids } from './identity.ts';
import { destroyedAfterRetired, destroyedByName, destroyedForGood } from './removal.ts';
import type { Rule } from './rule.ts';

/** What manifests have to keep beyond their shape. */
export const agencyRules: readonly Rule[] = [
  nameEqualsFile,
  uniqueNames,
  uniqueUids,
  uniqueThings,
  immutableFields,
  nameUntouched,
  agencyEnvKeys,
  agencySecrets,
  agencySecretsStayOnServer,
  envFitsVendor,
  statusUntouched,
  newFilesCarryNoStatus,
  uidUntouched,
  noneDeletedWithInventory,
  destroyedAfterRetired,
  destroyedByName,
  destroyedForGood,
];
