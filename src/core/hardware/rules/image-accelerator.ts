import type { ImageFacts } from '../../image/image-facts.ts';
import { found, notKnown, type Found } from './finding.ts';
import { isCpuOnly, toolkitOf, unreadReason } from './service-facts.ts';

/**
 * What the image has to do with accelerators, before any device is looked at.
 *
 * | image | |
 * |---|---|
 * | none: the code is a command | unknown: what it brings is not known |
 * | no CUDA runtime, no device code, read whole | incompatible: it would run on the CPU |
 * | device code, and no CUDA runtime that tells its version | unknown |
 * | a CUDA runtime, and a part of the image that could not be read and may hold a newer one | unknown |
 * | a CUDA runtime | null: driver and kernels decide |
 */
export function imageAccelerator(image: ImageFacts | null): Found | null {
  const rule = 'image-accelerator';
  if (image === null) return notKnown(rule, 'image', 'the code is a command, and nobody looked inside what it runs');
  if (isCpuOnly(image)) {
    return found({
      rule,
      compatibility: 'incompatible',
      message:
        'the image holds no CUDA runtime and no device code: it would run on the CPU and leave the accelerator idle',
      facts: { 'image.cuda': 'none', 'image.libraries': 'none' },
      source: 'what was read from the image',
      fix: 'the CUDA build of the image, or accelerator: cpu',
    });
  }
  if (toolkitOf(image) === null) return notKnown(rule, 'image.cuda', 'no library or variable tells it');
  for (const field of ['cuda', 'python', 'components'] as const) {
    const reason = unreadReason(image, field);
    if (reason !== null) return notKnown(rule, `image.${field}`, reason);
  }
  return null;
}
