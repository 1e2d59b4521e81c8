import { existsSync } from 'node:fs';
import { mkdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { programSteps } from '../../core/units/next-steps/program-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { makeStateFolder } from '../../adapters/files/state-folder.ts';
import { writeDurably } from '../../adapters/files/write-durably.ts';
import { tokensFile } from '../../adapters/http-control/run-files.ts';
import { makeProcessIdentity } from '../../adapters/processes/process-table/process-identity.ts';
import { programsOf } from '../../adapters/processes/process-table/programs-of.ts';
import { makeProcessTable } from '../../adapters/processes/process-table/this-machine.ts';
import { findReplicas } from '../../adapters/processes/replica/found-replicas.ts';
import { claimStateFolder, type Claim } from '../../adapters/processes/state-folder-claim.ts';
import { isImported } from '../../adapters/sql/sqlite/imported-store.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { fleetPointerText } from '../../schemas/fleet-pointer.ts';
import { fleetPointerFile, ownStateFolder, readPointer } from '../open/place/fleet-pointer.ts';
import { storeFile, storePlace } from '../open/place/store-place.ts';
import { runFolder } from './supervisor-plan.ts';
import type { UpPlace } from './up-place.ts';
import { folderRuns } from './up-running.ts';

/**
 * Brings the records of each folder into the state folder that several folders share, and leaves word in each folder of
 * where they are. One folder alone keeps its own.
 * @param claim of this process, which also keeps a folder from being started by itself meanwhile.
 * @throws PlimsollError as `importFolder`, `records-elsewhere`, `up-running` (conflict), `fleet-pointer-dangling` (not-found).
 */
export async function importRecords(
  { services, stateFolder }: UpPlace,
  claim: Claim,
  say: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  if (services.length === 1) return;
  await makeStateFolder(stateFolder);
  await refuseMoved(stateFolder);
  for (const folder of new Set(services.map(({ contractFile }) => path.dirname(contractFile)))) {
    const from = ownStateFolder(folder);
    // Made where there is none, so that it can say where the records are.
    await makeStateFolder(from);
    if (!(await isSameFolder(from, stateFolder))) await importOne(from, stateFolder, claim, say, signal);
  }
}

async function importOne(
  from: string,
  into: string,
  claim: Claim,
  say: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const pointer = await readPointer(from);
  const isKnown = pointer !== null && (await isSameFolder(pointer, into));
  if (isKnown && isDone(from, into)) return;
  if (pointer !== null && !isKnown) await refuseElsewhere(from, pointer, into);
  await mkdir(runFolder(from), { recursive: true });
  const identity = makeProcessIdentity();
  const claiming = await claimStateFolder(runFolder(from), claim, (holder) => identity.isDead(holder), writeDurably);
  if (claiming.kind === 'held') throw folderRuns(from, `another \`plimsoll up\`${pidOf(claiming.by)} runs`);
  try {
    await refuseRunning(from);
    const { importStateFolder } = await import('./import-state-folder.ts');
    if (await importStateFolder(from, into, signal)) say(`records of ${from}: imported into ${into}`);
    tellTokens(from, into, say);
    await writeDurably(fleetPointerFile(from), fleetPointerText(into), { doing: 'saying where the records are' });
  } finally {
    await claiming.giveUp();
  }
}

async function isSameFolder(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([one, other].map((folder) => realpath(folder).catch(() => folder)));
  return a === b;
}

/** The word that was left is not enough where the file of the records may be another one by now. */
function isDone(from: string, into: string): boolean {
  const place = storePlace(into);
  const file = storeFile(from);
  return !existsSync(file) || place.kind === 'postgresql' || isImported(file, place.file);
}

const pidOf = (claim: Claim | null): string => (claim === null ? '' : ` (process ${claim.pid})`);

/** @throws PlimsollError `up-running` (conflict). */
async function refuseRunning(stateFolder: string): Promise<void> {
  const table = makeProcessTable();
  for (const name of ['control-plane', 'gateway']) {
    const [program] = programsOf(stateFolder, name, table);
    if (program !== undefined) throw folderRuns(stateFolder, `a ${name} runs (process ${program.pid})`);
  }
  const replicas = (await findReplicas({ stateFolder, table })).filter(({ alive }) => alive !== null).length;
  if (replicas > 0) throw folderRuns(stateFolder, `${replicas} ${replicas === 1 ? 'replica runs' : 'replicas run'}`);
}

/** Who may use a control plane is told to each control plane. */
function tellTokens(from: string, into: string, say: (text: string) => void): void {
  if (existsSync(tokensFile(from)))
    say(`tokens of ${from} do not count in ${into}: add them by \`plimsoll token add NAME --role ROLE\``);
}

/** Records that were brought somewhere before stay there, unless all that is there came here: imported, or by a move. */
async function refuseElsewhere(from: string, pointer: string, into: string): Promise<void> {
  if (existsSync(pointer) && (await readPointer(pointer)) === into) return;
  if (!existsSync(pointer) && isImported(storeFile(from), storeFile(into))) return;
  throw new PlimsollError({
    code: 'records-elsewhere',
    category: 'conflict',
    message: `the records of ${from} are in ${pointer}, and not in ${into}`,
    next: nextStep(programSteps, 'records-elsewhere/up-state', {
      folder: pointer,
      pointerFile: fleetPointerFile(from),
      from,
    }),
    details: { from, pointer, into },
  });
}

async function refuseMoved(into: string): Promise<void> {
  const pointer = await readPointer(into);
  if (pointer === null || (await isSameFolder(pointer, into))) return;
  throw new PlimsollError({
    code: 'records-elsewhere',
    category: 'conflict',
    message: `the records of ${into} were imported into ${pointer}`,
    next: nextStep(programSteps, 'records-elsewhere/import-records', { folder: pointer }),
    details: { into, pointer },
  });
}
