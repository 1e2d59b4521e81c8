import type { ImageFacts } from '../../../image/image-facts.ts';
import { containerHostSources } from '../../tables/host/container-hosts.ts';
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

/**
 * Devices that CUDA_VISIBLE_DEVICES of the image hides. A container sees the devices that it was given, numbered from 0, and CUDA shows those before
 * the first number that is none of them. Null where the variable is not set, or names devices by UUID.
 *
 * | devices that are left | answer |
 * |---|---|
 * | as many as are asked for | native |
 * | fewer | incompatible |
 */
export function hiddenDevicesFinding(image: ImageFacts, devices: number): Found | null {
  const text = image.env['CUDA_VISIBLE_DEVICES'];
  if (text === undefined || /(?:GPU|MIG)-/.test(text)) return null;
  const numbers = text.split(',').map((part) => part.trim());
  const stop = numbers.findIndex((part) => !/^\d{1,4}$/.test(part) || Number(part) >= devices);
  const shown = new Set(stop === -1 ? numbers : numbers.slice(0, stop)).size;
  const holds = shown >= devices;
  return found({
    rule: 'hidden-devices',
    compatibility: holds ? 'native' : 'incompatible',
    message: `CUDA_VISIBLE_DEVICES=${text.slice(0, 80)} of the image shows ${shown} of the ${devices} ${devices === 1 ? 'device' : 'devices'} of a replica`,
    facts: { CUDA_VISIBLE_DEVICES: text.slice(0, 80), devices: String(devices) },
    source: containerHostSources.visible,
    fix: holds ? undefined : 'an image without CUDA_VISIBLE_DEVICES: the container runtime hands devices in',
  });
}
