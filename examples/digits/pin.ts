// For whoever changes the data, the training or the contract of this example: registers data and models in an empty
// state folder, pins them, records both golden sets and evaluates both versions, the second against the first, which is
// released for that. It verifies the hardware, measures starts, and drills the way back from the second to the first. What it writes belongs into the same commit as the change.
//
//   node scripts/bootstrap.mjs examples/digits/pin.ts
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { exampleFolder } from './cache.ts';
import { prepareData } from './data/prepare.ts';
import { progressOn } from './progress.ts';
import { commandsFor, type Commands } from './start/commands.ts';
import { registerAll } from './start/register.ts';
import { startUp } from './start/running-up.ts';
import { makeWorkingCopy } from './start/working-copy.ts';
import { trainModels } from './training/models.ts';

const scratch = mkdtempSync(path.join(tmpdir(), 'digits-pin-'));
const state = path.join(scratch, 'state');
const note = (text: string): void => void process.stderr.write(`  ${text}\n`);
const freePort = '127.0.0.1:0';
const { signal } = new AbortController();

async function withCommands<T>(folder: string, work: (commands: Commands) => Promise<T>): Promise<T> {
  const commands = commandsFor(['--contract', path.join(folder, 'plimsoll.yaml'), '--state', state], note);
  try {
    return await work(commands);
  } finally {
    await commands.close();
  }
}

/** In this order: evidence of answers builds on the golden outputs. */
const measurements = [['verify'], ['golden', 'record'], ['coldstart'], ['evaluate']];

const measure = (folder: string): Promise<void> =>
  withCommands(folder, async (commands) => {
    await commands.run(['pin', '--force']);
    for (const words of measurements) await commands.run(words);
    process.stdout.write(`${await commands.text(['check'])}\n\n`);
  });

try {
  const progress = progressOn(process.stderr, () => performance.now());
  const data = await prepareData(progress.note);
  const trained = await trainModels(data.files['digits-train'], progress, signal);
  const { models } = await withCommands(exampleFolder, (commands) => registerAll(commands, data, trained.models));
  const first = models[0];
  if (first === undefined) throw new Error('nothing was trained');
  const copy = makeWorkingCopy({
    from: exampleFolder,
    folder: path.join(scratch, 'version-1'),
    beside: ['server.yaml', 'prices.yaml'],
    modelVersion: first.version,
  });
  for (const measured of ['golden', 'reference'])
    rmSync(path.join(exampleFolder, measured), { recursive: true, force: true });
  await measure(copy.folder);
  const words = ['--contract', copy.contract, '--state', state, '--listen', freePort, '--gateway-listen', freePort];
  const up = await startUp(words, [], state, signal);
  try {
    await withCommands(copy.folder, (commands) => commands.run(['release']));
    await measure(exampleFolder);
    await withCommands(exampleFolder, async (commands) => {
      await commands.run(['release']);
      await commands.run(['rollback', '--drill', '--reason', 'the example shows the way back']);
    });
  } finally {
    await up.stop(signal);
  }
  cpSync(path.join(copy.folder, 'plimsoll.lock'), path.join(exampleFolder, 'released', 'version-1.lock'));
  for (const measured of ['golden', 'reference'])
    cpSync(path.join(copy.folder, measured), path.join(exampleFolder, measured), { recursive: true });
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
