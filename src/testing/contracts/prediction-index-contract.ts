import { describe, expect, it } from 'vitest';
import { digestOf } from '../../core/units/digest.ts';
import type { PredictionIndex, PredictionRecord } from '../../ports/project/prediction-index.ts';

const record: PredictionRecord = {
  predictions: digestOf('predictions'),
  latency: {
    requests: 1,
    rowsPerRequest: 1,
    concurrency: 1,
    p50Ms: 1,
    p90Ms: 1,
    p99Ms: null,
    maxMs: 1,
    rowsPerSecond: 9.5,
    limits: {},
  },
  golden: null,
  atMs: 1,
};

/** What every index of predictions keeps to. */
export function predictionIndexContract(open: () => Promise<PredictionIndex>): void {
  describe('an index of predictions', () => {
    it('finds what it remembers, the newest of a key, and nothing else', async () => {
      const index = await open();
      expect(await index.find(digestOf('key'))).toBeNull();
      await index.remember(digestOf('key'), record);
      expect(await index.find(digestOf('key'))).toEqual(record);
      await index.remember(digestOf('key'), { ...record, atMs: 2, golden: digestOf('golden') });
      expect(await index.find(digestOf('key'))).toMatchObject({ atMs: 2, golden: digestOf('golden') });
      expect(await index.find(digestOf('other'))).toBeNull();
      const listed: PredictionRecord[] = [];
      for await (const each of index.list()) listed.push(each);
      expect(listed).toEqual([{ ...record, atMs: 2, golden: digestOf('golden') }]);
    });

    it('takes two writers of one key', async () => {
      const index = await open();
      await Promise.all([1, 2, 3].map((atMs) => index.remember(digestOf('key'), { ...record, atMs })));
      expect(await index.find(digestOf('key'))).toMatchObject({ predictions: record.predictions });
    });
  });
}
