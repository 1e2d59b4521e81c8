import path from 'node:path';
import { artifactDigest } from '../../core/registry/artifact.ts';
import { digestOf, digestOfBytes } from '../../core/units/digest.ts';
import type { WorldRelease } from './scaling/scaling-world.ts';

const server = path.resolve(import.meta.dirname, 'programs/paced-server.ts');

/** A release whose replicas wait out what `words` say (programs/paced-options.ts) in place of computing. */
export function pacedRelease(words: readonly string[], replicas: WorldRelease['replicas']): WorldRelease {
  const bytes = Buffer.from('nothing is computed');
  const file = { path: 'model.bin', digest: digestOfBytes(bytes), bytes: bytes.length };
  const digest = artifactDigest([file]);
  return {
    command: [process.execPath, '--disable-warning=ExperimentalWarning', server, ...words],
    model: { name: 'paced', version: 1, digest, format: 'other', files: [file], signature: null },
    bytes,
    golden: {
      goldenVersion: 1,
      dataName: 'paced-golden',
      dataDigest: digestOf('paced-golden'),
      modelName: 'paced',
      modelDigest: digest,
      runtime: {},
      tolerance: { absolute: 1e-4, relative: 1e-4, argMax: false },
      cases: [
        {
          id: 'sum',
          inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 2], data: [1, 2] }],
          outputs: [{ name: 'y', datatype: 'FP32', shape: [1, 1], data: [3] }],
        },
      ],
    },
    replicas,
  };
}
