import { zstdBranch, zstdDriver } from '../../tables/engines/compressed-builds.ts';
import type { CudaAnswer } from '../cuda/cuda-and-kernels.ts';
import { found, notKnown, type Found } from '../finding.ts';
import type { UnitFacts } from '../unit-facts.ts';
import type { ZstdAnswer } from './compression.ts';

/** A finding where compressed device code stops the service, or may; none where it does not matter. */
export function explainCompression(zstd: ZstdAnswer, answer: CudaAnswer, unit: UnitFacts): readonly Found[] {
  const name = zstd.path ?? 'a library';
  if (answer.missing === 'image.compression') {
    const because = `${name} may be compressed by zstd, which driver ${unit.driverText} does not open`;
    return [notKnown('kernels-compression', 'image.compression', because)];
  }
  if (answer.because !== 'zstd') return [];
  return [
    found({
      rule: 'kernels-compression',
      compatibility: 'incompatible',
      message: `the device code of ${name} is compressed by zstd, which drivers before ${zstdBranch} do not open (device kernel image is invalid)`,
      facts: { driver: unit.driverText, compression: 'zstd' },
      source: zstdDriver,
      fix: `driver >= ${zstdBranch}.54.14, or build with nvcc -compress-mode=none`,
    }),
  ];
}
