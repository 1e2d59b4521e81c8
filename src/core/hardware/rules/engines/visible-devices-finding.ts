import type { ImageFacts } from '../../../image/image-facts.ts';
import type { Source } from '../../tables/source.ts';
import { found, type Found } from '../finding.ts';
import { distribution } from '../service-facts.ts';

const byNumberAlone: Source = {
  title: 'vLLM issues 6551, 20939 and 41848, pull request 46132: a UUID in CUDA_VISIBLE_DEVICES is no number',
  url: 'https://github.com/vllm-project/vllm/issues/41848',
  date: '2026-06-19',
};

/** vLLM reads CUDA_VISIBLE_DEVICES as numbers, and stops at the UUID of a board or of a MIG instance. Null where it may start. */
export function visibleDevicesFinding(image: ImageFacts): Found | null {
  const text = distribution(image, ['vllm']);
  const devices = image.env['CUDA_VISIBLE_DEVICES'] ?? '';
  if (text === null || !/(?:^|,)\s*(?:GPU|MIG)-/.test(devices)) return null;
  return found({
    rule: 'visible-devices',
    compatibility: 'incompatible',
    message: `vllm ${text} stops at CUDA_VISIBLE_DEVICES=${devices.slice(0, 80)}: it takes numbers alone`,
    facts: { vllm: text, CUDA_VISIBLE_DEVICES: devices.slice(0, 80) },
    source: byNumberAlone,
    fix: 'let the container runtime hand the device in (NVIDIA_VISIBLE_DEVICES), and leave CUDA_VISIBLE_DEVICES out of the image',
  });
}
