/**
 * Runs one experiment on a process and measures nothing: `experiment-process.ts STATE-FOLDER PID EXPERIMENT`. It says `applied` once the
 * change stands, and then waits to be killed.
 */
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { makeUndoJournal } from '../../../adapters/files/undo-journal.ts';
import { makeProcessIdentity } from '../../../adapters/processes/process-table/process-identity.ts';
import { makePrepareAblation } from '../../../adapters/system/ablation/prepare.ts';
import { restoreOnMachine } from '../../../adapters/system/ablation/restore.ts';
import { systemClock } from '../../../adapters/system/clock.ts';
import { experiments } from '../../../core/diagnosis/cause.ts';
import { makeShowCause } from '../../../prove/diagnosis/show-cause.ts';

const [stateFolder = '', pidText = '', name = ''] = process.argv.slice(2);
const pid = Number(pidText);
const experiment = experiments.find((each) => each === name);
if (experiment === undefined) throw new Error(`${name} is no experiment`);
const identity = makeProcessIdentity();
const prepare = makePrepareAblation({ pid, files: [], nearCores: '', others: {} });
const show = makeShowCause({
  clock: systemClock,
  // BAAB: the change stands from the first block on.
  random: { next: () => 0.9, hex: () => '' },
  signal: new AbortController().signal,
  journal: makeUndoJournal(path.join(stateFolder, 'diagnosis', 'undo')),
  identity,
  restore: restoreOnMachine,
  prepare: async (...asked) => {
    const prepared = await prepare(...asked);
    if ('refused' in prepared) return prepared;
    return {
      ...prepared,
      apply: async (signal) => {
        await prepared.apply(signal);
        process.stdout.write('applied\n');
        await delay(600_000);
      },
    };
  },
  measure: () => Promise.resolve({ value: 100, answerMs: 10 }),
  target: { pid, identity: (await identity.of(pid)) ?? '' },
  terms: { accelerators: 1, loadedShare: 1, pricePerHour: null },
  replica: 'spare',
  isLiveAllowed: false,
});
const { experiments: tried } = await show([{ cause: 'cpu-quota', strength: 1, reason: 'a test', experiment }]);
process.stdout.write(`${JSON.stringify(tried)}\n`);
