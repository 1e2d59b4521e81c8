import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { canonicalJson, type Digest } from '../../core/units/digest.ts';
import type { PredictionIndex } from '../../ports/project/prediction-index.ts';
import { predictionRecordSchema } from '../../schemas/artifact/prediction-record.ts';
import { writeDurably } from './write-durably.ts';

/** One file per key in a folder beside the blobs. */
export function makeFilePredictionIndex(folder: string): PredictionIndex {
  const fileOf = (key: Digest): string => path.join(folder, `${key.slice('sha256:'.length)}.json`);
  return {
    async find(key) {
      const text = await readFile(fileOf(key), 'utf8').catch(() => null);
      return text === null ? null : recordIn(text);
    },
    async remember(key, record) {
      await writeDurably(fileOf(key), `${canonicalJson(record)}\n`, { doing: 'writing the index of predictions' });
    },
  };
}

function recordIn(text: string) {
  try {
    const read = predictionRecordSchema.safeParse(JSON.parse(text));
    return read.success ? read.data : null;
  } catch {
    return null;
  }
}
