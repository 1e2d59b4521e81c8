import type { ImageFacts } from '../../../image/image-facts.ts';
import type { Source } from '../../tables/source.ts';
import type { DeviceRule } from '../device-rules.ts';
import { found, notKnown } from '../finding.ts';

const source: Source = {
  title:
    'NVIDIA Container Toolkit, "Driver Capabilities": without compute no libcuda.so.1 is handed in; LocalAI issue 11973',
  url: 'https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/docker-specialized.html',
  date: '2026-09-11',
};

/**
 * Whether the container gets the library of the driver. Null where the image leaves the capabilities to the container runtime, or
 * names `compute` or `all`.
 *
 * | container runtime | answer |
 * |---|---|
 * | legacy, with or without checks | incompatible: libcuda.so.1 is not there |
 * | any other, or not read | unknown |
 */
export function driverCapabilitiesRule(image: ImageFacts): DeviceRule | null {
  const written = image.env['NVIDIA_DRIVER_CAPABILITIES'] ?? '';
  const named = written.split(',').map((one) => one.trim());
  if (written === '' || named.includes('compute') || named.includes('all')) return null;
  return {
    facet: 'containerRuntime',
    decide: ({ state: { containerRuntime } }) =>
      containerRuntime === 'legacy' || containerRuntime === 'unchecked' ? 'incompatible' : 'unknown',
    explain: ({ state: { containerRuntime } }, decided) =>
      decided === 'unknown'
        ? notKnown(
            'driver-capabilities',
            'containerRuntime',
            `NVIDIA_DRIVER_CAPABILITIES=${written.slice(0, 80)} leaves compute out`,
          )
        : found({
            rule: 'driver-capabilities',
            compatibility: decided,
            message: `NVIDIA_DRIVER_CAPABILITIES=${written.slice(0, 80)} leaves compute out: the container gets no libcuda.so.1`,
            facts: { NVIDIA_DRIVER_CAPABILITIES: written.slice(0, 80), containerRuntime: containerRuntime ?? null },
            source,
            fix: 'NVIDIA_DRIVER_CAPABILITIES=compute,utility',
          }),
  };
}
