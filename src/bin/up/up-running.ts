import path from 'node:path';
import { programSteps } from '../../core/units/next-steps/program-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { Claim } from '../../adapters/processes/state-folder-claim.ts';
import { PlimsollError } from '../../core/units/errors.ts';

/** Nothing was typed wrongly and nothing is missing: what stands forbids it, as with a bar or a lease. */
export function upRunning(stateFolder: string, by: Claim | null): PlimsollError {
  const who = by === null ? '' : `: process ${by.pid}, page ${by.pageUrl}/`;
  return new PlimsollError({
    code: 'up-running',
    category: 'conflict',
    message: `\`plimsoll up\` runs already for ${stateFolder}${who}`,
    next: nextStep(programSteps, 'up-running/status-shows-it'),
    details: by === null ? {} : { ...by },
  });
}

/** What of a folder runs while its records are to go elsewhere: nobody would see it any more. */
export function folderRuns(stateFolder: string, what: string): PlimsollError {
  return new PlimsollError({
    code: 'up-running',
    category: 'conflict',
    message: `${what} for ${stateFolder}, whose records are to be imported; nothing was imported`,
    next: nextStep(programSteps, 'up-running/up-running', { folder: path.dirname(stateFolder) }),
    details: { stateFolder },
  });
}
