import { makeBundleShelf } from '../../control-plane/judging/bundle-shelf.ts';
import type { Judging } from '../../control-plane/judging/judging.ts';
import { digestOf } from '../../core/units/digest.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { MachineFacts } from '../../ports/project/project.ts';
import { parseInPlace } from '../../schemas/parse-in-place.ts';

/** The machine of tests, as `makeMemoryProject` has it. */
export const testMachine: MachineFacts = {
  deviceClass: { digest: digestOf('memory cpu'), description: 'cpu of a test' },
  runtime: { onnxruntime: '1.30.0' },
};

/** Judges bundles of `blobs` on the machine of tests. */
export function testJudging(blobs: Blobs, machine: MachineFacts = testMachine): Judging {
  return {
    shelf: makeBundleShelf({ blobs, parser: parseInPlace }),
    blobs,
    nodes: {
      platform: 'local',
      machine: () => machine,
      probe: async () => Promise.reject(new Error('this test has no probe')),
    },
    fetching: null,
  };
}
