import { aboutCopies, copiesIn } from './copies.ts';
import { agencyEnvKeys, agencySecrets, agencySecretsStayOnServer, envFitsVendor } from './env.ts';
import { newFilesCarryNoStatus, noneDeletedWithInventory, statusUntouched, uidUntouched } from './history.ts';
import { immutableFields, nameEqualsFile, nameUntouched, uniqueNames, uniqueThings, uniqueUids } from './identity.ts';
import { destroyedAfterRetired, destroyedByName, destroyedForGood } from './removal.ts';
import type { FileFinding, Room, Rule } from './rule.ts';

/** What manifests have to keep beyond their shape. */
const agencyRules: readonly Rule[] = [
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

/** What is wrong with a control room. A copy is only told to be one, and takes nothing from the file it was copied from. */
export function judge(room: Room): FileFinding[] {
  const copies = copiesIn(room);
  const rest = copies.size === 0 ? room : { ...room, agencies: room.agencies.filter((agency) => !copies.has(agency)) };
  return [...aboutCopies(copies), ...agencyRules.flatMap((rule) => rule(rest))];
}
