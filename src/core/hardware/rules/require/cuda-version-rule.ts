import type { ImageFacts } from '../../../image/image-facts.ts';
import type { Source } from '../../tables/source.ts';
import type { DeviceRule } from '../device-rules.ts';
import { found, notKnown } from '../finding.ts';
import { requirementsOf } from './require-string.ts';

const source: Source = {
  title:
    'lmdeploy issue 3953 and nvidia-docker issue 489: "invalid CUDA version", where CUDA_VERSION stands in for NVIDIA_REQUIRE_CUDA',
  url: 'https://github.com/InternLM/lmdeploy/issues/3953',
  date: '2025-09-10',
};

/**
 * Whether the container runtime reads `CUDA_VERSION`, which it takes for a requirement where the image has no `NVIDIA_REQUIRE_CUDA`. Null
 * where it is not set, begins with a number, or is not looked at.
 *
 * | container runtime | answer |
 * |---|---|
 * | legacy or csv | incompatible: it refuses to make the container |
 * | cdi, jit-cdi, or legacy without checks | native: it reads no requirement |
 * | not read | unknown |
 */
export function cudaVersionRule(image: ImageFacts): DeviceRule | null {
  const written = image.env['CUDA_VERSION'] ?? '';
  const stands = (image.env['NVIDIA_REQUIRE_CUDA'] ?? '') === '' && !requirementsOf(image.env).disabled;
  if (written === '' || /^v?\d/.test(written) || !stands) return null;
  const text = written.slice(0, 80);
  return {
    facet: 'containerRuntime',
    decide: ({ state: { containerRuntime } }) => {
      if (containerRuntime === undefined) return 'unknown';
      return containerRuntime === 'legacy' || containerRuntime === 'csv' ? 'incompatible' : 'native';
    },
    explain: ({ state: { containerRuntime } }, decided) =>
      containerRuntime === undefined
        ? notKnown('cuda-version', 'containerRuntime', `CUDA_VERSION=${text} of the image is no version`)
        : found({
            rule: 'cuda-version',
            compatibility: decided,
            message: `CUDA_VERSION=${text} of the image is no version: a container runtime in mode ${containerRuntime} ${decided === 'native' ? 'does not read it' : 'refuses to make the container'}`,
            facts: { CUDA_VERSION: text, containerRuntime },
            source,
            fix: decided === 'native' ? undefined : 'CUDA_VERSION with a version such as 12.6, or NVIDIA_REQUIRE_CUDA',
          }),
  };
}
