import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { digestOf } from '../../core/units/digest.ts';
import { memoryPredictionIndex } from '../../testing/fakes/memory/memory-prediction-index.ts';
import { predictionIndexContract } from '../../testing/contracts/prediction-index-contract.ts';
import { makeFilePredictionIndex } from './prediction-index.ts';

const root = await mkdtemp(path.join(tmpdir(), 'plimsoll-predictions-'));
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(root, 'index-'));
});
afterAll(() => rm(root, { recursive: true }));

predictionIndexContract(async () => makeFilePredictionIndex(path.join(folder, 'predictions')));
predictionIndexContract(async () => memoryPredictionIndex());

it.each(['', '{', '[]', '{"predictions":"sha256:x"}'])('finds nothing in a damaged record: %j', async (text) => {
  const key = digestOf('key');
  await writeFile(path.join(folder, `${key.slice(7)}.json`), text);
  expect(await makeFilePredictionIndex(folder).find(key)).toBeNull();
  expect(await readdir(folder)).toHaveLength(1);
});
