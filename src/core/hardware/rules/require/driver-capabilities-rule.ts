import type { ImageFacts } from '../../../image/image-facts.ts';
import {
  defaultCapabilities,
  injectedLibraries,
  injectedSources,
  stemOfLibrary,
} from '../../tables/host/injected-libraries.ts';
import type { Source } from '../../tables/source.ts';
import type { DeviceRule } from '../device-rules.ts';
import { found, notKnown } from '../finding.ts';
import { isOptional, programsOf } from '../kernels/library-groups.ts';

interface Lack {
  /** The library of the driver that the container does not get. */
  readonly library: string;
  readonly capability: string;
  /** Who is linked to it; null where CUDA itself is. */
  readonly neededBy: string | null;
  readonly source: Source;
}

/** A container runtime hands all libraries into an image that states its CUDA and no requirement, as images of old times do. */
const isOfOldTimes = ({ env }: ImageFacts): boolean =>
  (env['CUDA_VERSION'] ?? '') !== '' && (env['NVIDIA_REQUIRE_CUDA'] ?? '') === '';

/** Capabilities that the image asks for. */
function capabilitiesOf(image: ImageFacts): readonly string[] {
  const written = image.env['NVIDIA_DRIVER_CAPABILITIES'];
  if (written === undefined && isOfOldTimes(image)) return ['all'];
  const named = (written ?? '').split(',').map((one) => one.trim());
  const told = named.filter((one) => one !== '');
  return told.length === 0 ? defaultCapabilities : told;
}

/** A library of a driver that the image brings itself is not handed in. */
const isBrought = (image: ImageFacts, library: string): boolean =>
  Object.keys(image.driverFiles ?? {}).some(
    (path) => stemOfLibrary(path.split('/').at(-1) ?? '') === stemOfLibrary(library),
  );

function lackOf(image: ImageFacts): Lack | null {
  const named = capabilitiesOf(image);
  if (named.includes('all')) return null;
  if (!named.includes('compute')) {
    return { library: 'libcuda.so.1', capability: 'compute', neededBy: null, source: injectedSources.capabilities };
  }
  const programs = programsOf(image);
  for (const { path, needs = [] } of image.libraries) {
    if (isOptional(path, programs)) continue;
    for (const library of needs) {
      const row = injectedLibraries.find(({ libraries }) => libraries.includes(stemOfLibrary(library)));
      if (row === undefined || isBrought(image, library)) continue;
      if (row.capabilities.some((one) => named.includes(one))) continue;
      return { library, capability: row.capabilities[0], neededBy: path, source: injectedSources.libraries };
    }
  }
  return null;
}

/**
 * Whether the container gets the libraries of the driver that the image needs: `libcuda.so.1`, and those that its libraries are linked to. Null where
 * `NVIDIA_DRIVER_CAPABILITIES` names all that is needed, or `all`. Where it is not set a container gets `compute` and `utility`, and all where the image is of
 * old times.
 *
 * | container runtime | answer |
 * |---|---|
 * | legacy, with or without checks | incompatible: the library is not there |
 * | any other, or not read | unknown |
 */
export function driverCapabilitiesRule(image: ImageFacts): DeviceRule | null {
  const lack = lackOf(image);
  if (lack === null) return null;
  const written = (image.env['NVIDIA_DRIVER_CAPABILITIES'] ?? '').slice(0, 80);
  const variable = written === '' ? 'no NVIDIA_DRIVER_CAPABILITIES' : `NVIDIA_DRIVER_CAPABILITIES=${written}`;
  const leaves = `${variable} leaves ${lack.capability} out`;
  const needed = lack.neededBy === null ? '' : `, which ${lack.neededBy} is linked to`;
  return {
    facet: 'containerRuntime',
    decide: ({ state: { containerRuntime } }) =>
      containerRuntime === 'legacy' || containerRuntime === 'unchecked' ? 'incompatible' : 'unknown',
    explain: ({ state: { containerRuntime } }, decided) =>
      decided === 'unknown'
        ? notKnown(
            'driver-capabilities',
            'containerRuntime',
            `${leaves}${needed === '' ? '' : `, and ${lack.neededBy} is linked to ${lack.library}`}`,
          )
        : found({
            rule: 'driver-capabilities',
            compatibility: decided,
            message: `${leaves}: the container gets no ${lack.library}${needed}`,
            facts: { NVIDIA_DRIVER_CAPABILITIES: written, containerRuntime: containerRuntime ?? null },
            source: lack.source,
            fix: `NVIDIA_DRIVER_CAPABILITIES=${[...new Set([...defaultCapabilities, lack.capability])].join(',')}`,
          }),
  };
}
