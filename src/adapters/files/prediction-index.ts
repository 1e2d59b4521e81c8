import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { canonicalJson, type Digest } from '../../core/units/digest.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { PredictionIndex } from '../../ports/project/prediction-index.ts';
import { predictionRecordSchema } from '../../schemas/artifact/prediction-record.ts';
import { storageError, systemCode } from './storage-errors.ts';
import { writeDurably } from './write-durably.ts';

/** One file per key in a folder beside the blobs. */
export function makeFilePredictionIndex(folder: string): PredictionIndex {
  const fileOf = (key: Digest): string => path.join(folder, `${key.slice('sha256:'.length)}.json`);
  return {
    async find(key) {
      const text = await readFile(fileOf(key), 'utf8').catch(() => null);
      return text === null ? null : recordIn(text);
    },
    async *list() {
      for (const name of await namesIn(folder)) {
        const file = path.join(folder, name);
        const record = recordIn(await readFile(file, 'utf8'));
        if (record === null) throw unreadable(file);
        yield record;
      }
    },
    async remember(key, record) {
      await writeDurably(fileOf(key), `${canonicalJson(record)}\n`, { doing: 'writing the index of predictions' });
    },
  };
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).filter((name) => /^[0-9a-f]{64}\.json$/.test(name)).sort();
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return [];
    throw await storageError(thrown, 'listing predictions', folder);
  }
}

function unreadable(file: string): PlimsollError {
  return new PlimsollError({
    code: 'predictions-unreadable',
    category: 'corrupt',
    message: `${file} is no record of predictions that this version can read`,
    next: `use the newer Plimsoll that wrote it, or remove it: rm ${file}; the model then runs again when it is evaluated`,
    details: { file },
  });
}

function recordIn(text: string) {
  try {
    const read = predictionRecordSchema.safeParse(JSON.parse(text));
    return read.success ? read.data : null;
  } catch {
    return null;
  }
}
