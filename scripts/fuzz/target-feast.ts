import { feastRegistry } from '../../src/testing/builders/files/feast-encoder.ts';
import type { FuzzTarget } from './target.ts';

const registry = (writing: number): Uint8Array =>
  feastRegistry({
    writing,
    views: [{ name: 'stats', features: { rate: 6, trips: 4 }, code: 'rate', fieldMapping: [['a', 'b']] }],
    onDemand: [{ name: 'per', features: { km: 5 }, of: 'stats', reads: { rate: 6 }, code: 'rate / km' }],
    services: [{ name: 'all', selects: [{ view: 'per', features: { km: 5 } }] }],
  });

export const feastTarget: FuzzTarget = {
  parser: 'feast',
  bytesAtMost: 16 * 1024,
  dictionary: [
    ...['stats', 'per', 'all', 'driver', 'driver_id', '__dummy', 'rides', 'rate', 'SQLite format 3'],
    // Tags of fields: entity 1, view 6, service 7, on-demand 8, stream 14, label 19; features 4, source 7, source views 14.
    ...[[0x0a], [0x32], [0x3a], [0x42], [0x72], [0x9a, 1], [0x22], [0x7a], [0x1a, 1, 0x31], [0xff, 0xff, 0xff, 0x0f]],
  ],
  seeds: () => Promise.resolve([registry(1), registry(2)]),
  async run(bytes) {
    const { readFeastRegistry } = await import('../../src/formats/feast/read-feast-registry.ts');
    const { lockSchema } = await import('../../src/schemas/lock/lock-schema.ts');
    const views = await readFeastRegistry(bytes, { featureViews: ['stats', 'per'], featureServices: ['all'] });
    // What is pinned has to be read again.
    const environment = { data: {}, deviceClasses: [], runtime: {}, evidence: {}, featureViews: views };
    const lock = { lockVersion: 1, service: 'a', environments: { default: environment } };
    if (!lockSchema.safeParse(lock).success) throw new RangeError('broken promise: a lock holds what was read');
    return JSON.stringify(views);
  },
};
