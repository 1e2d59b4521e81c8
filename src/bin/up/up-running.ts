import path from 'node:path';
import type { Claim } from '../../adapters/processes/state-folder-claim.ts';
import { PlimsollError } from '../../core/units/errors.ts';

/** Nothing was typed wrongly and nothing is missing: what stands forbids it, as with a bar or a lease. */
export function upRunning(stateFolder: string, by: Claim | null): PlimsollError {
  const who = by === null ? '' : `: process ${by.pid}, page ${by.pageUrl}/`;
  return new PlimsollError({
    code: 'up-running',
    category: 'conflict',
    message: `\`plimsoll up\` runs already for ${stateFolder}${who}`,
    next: 'plimsoll status shows it; plimsoll up --stop stops it',
    details: by === null ? {} : { ...by },
  });
}

/** What of a folder runs while its records are to go elsewhere: nobody would see it any more. */
export function folderRuns(stateFolder: string, what: string): PlimsollError {
  return new PlimsollError({
    code: 'up-running',
    category: 'conflict',
    message: `${what} for ${stateFolder}, whose records are to be imported; nothing was imported`,
    next: `plimsoll up --stop ${path.dirname(stateFolder)}; then run the same command again`,
    details: { stateFolder },
  });
}
