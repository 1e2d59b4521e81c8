// For whoever changes the data, the training or the contract of this example: registers data and models in an empty
// state folder, pins them, and records both golden sets. What it writes belongs into the same commit as the change.
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
import { makeWorkingCopy } from './start/working-copy.ts';
import { trainModels } from './training/models.ts';

const scratch = mkdtempSync(path.join(tmpdir(), 'digits-pin-'));
const state = path.join(scratch, 'state');
const note = (text: string): void => void process.stderr.write(`  ${text}\n`);
const inFolder = (folder: string): Commands =>
  commandsFor(['--contract', path.join(folder, 'plimsoll.yaml'), '--state', state], note);

try {
  const progress = progressOn(process.stderr, () => performance.now());
  const data = await prepareData(progress.note);
  const trained = await trainModels(data.files['digits-train'], progress, new AbortController().signal);
  const { models } = await registerAll(inFolder(exampleFolder), data, trained.models);
  const first = models[0];
  if (first === undefined) throw new Error('nothing was trained');
  const copy = makeWorkingCopy({
    from: exampleFolder,
    folder: path.join(scratch, 'version-1'),
    beside: ['server.yaml'],
    modelVersion: first.version,
  });
  rmSync(path.join(exampleFolder, 'golden'), { recursive: true, force: true });
  for (const folder of [copy.folder, exampleFolder]) {
    const commands = inFolder(folder);
    await commands.run(['pin', '--force']);
    await commands.run(['golden', 'record']);
    process.stdout.write(`${await commands.text(['check'])}\n\n`);
  }
  cpSync(path.join(copy.folder, 'plimsoll.lock'), path.join(exampleFolder, 'released', 'version-1.lock'));
  cpSync(path.join(copy.folder, 'golden'), path.join(exampleFolder, 'golden'), { recursive: true });
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
