import type { DeviceLibrary, ImageFacts } from '../../../image/image-facts.ts';
import { compareVersions } from '../../../units/quantity/quantity-version-range.ts';
import { ggmlCode } from '../../tables/engines/ggml-code.ts';
import type { DeviceRule } from '../device-rules.ts';
import { found, fromLabelsOnly, notKnown } from '../finding.ts';
import { cubinRuns, ptxCompiles } from '../kernels/kernel-runs.ts';
import { capabilityNumber, capabilityText, versionOf } from '../numbers.ts';
import type { Plain } from '../outcome.ts';
import { distribution } from '../service-facts.ts';

const ggmlPath = new RegExp(ggmlCode.path);
const least = capabilityNumber(ggmlCode.least) ?? 0;

/**
 * Whether a build of GGML holds the kernels that it chooses for a device. Null where the image holds none, or one that was built after
 * the mistake was mended.
 *
 * | device | newest code that runs on it | version | answer |
 * |---|---|---|---|
 * | below 6.1 | any | any | native |
 * | 6.1 and later | of 6.1 or later, or none: `kernels` speaks of that | any | native |
 * | 6.1 and later | of less | before 0.3.8 of llama-cpp-python | incompatible |
 * | 6.1 and later | of less | not known | unknown |
 */
export function ggmlCodeRule(image: ImageFacts): DeviceRule | null {
  const libraries = image.libraries.filter(({ path }) => ggmlPath.test(path));
  const text = distribution(image, [ggmlCode.distribution]);
  const version = versionOf(text);
  const isMended = version !== null && compareVersions(version, versionOf(ggmlCode.mended) ?? []) >= 0;
  if (libraries.length === 0 || isMended) return null;
  const shortOf = (capability: number): Shortage | undefined =>
    capability < least ? undefined : shortagesOf(libraries, capability).find(({ newest }) => newest < least);
  const decide = (capability: number | null): Plain => {
    if (capability === null) return 'unknown';
    if (shortOf(capability) === undefined) return 'native';
    return version === null ? 'unknown' : 'incompatible';
  };
  return {
    facet: 'capability',
    decide: ({ capability }) => decide(capability),
    explain: ({ capability, fromLabels }, decided) => {
      if (capability === null)
        return notKnown('ggml-code', 'computeCapability', fromLabels ? fromLabelsOnly : undefined);
      const short = shortOf(capability);
      return found({
        rule: 'ggml-code',
        compatibility: decided,
        message:
          short === undefined
            ? 'the libraries of GGML hold code of a capability at which they choose kernels'
            : `the code of ${short.path} for capability ${capabilityText(capability)} was compiled for ${capabilityText(short.newest)}, and builds before ${ggmlCode.mended} (2025-02) choose kernels of ${ggmlCode.least} and later, which are empty`,
        facts: { [ggmlCode.distribution]: text, computeCapability: capabilityText(capability) },
        source: ggmlCode.source,
        fix:
          short === undefined
            ? undefined
            : `a build for ${capabilityText(capability)} (CMAKE_CUDA_ARCHITECTURES), or ${ggmlCode.distribution} ${ggmlCode.mended} or newer`,
      });
    },
  };
}

interface Shortage {
  readonly path: string;
  /** Greatest capability that code of the library was compiled for and that runs on the device. */
  readonly newest: number;
}

function shortagesOf(libraries: readonly DeviceLibrary[], capability: number): readonly Shortage[] {
  return libraries.flatMap(({ path, cubins, ptx }) => {
    const runs = [
      ...cubins.filter((target) => cubinRuns(target, capability)),
      ...ptx.filter((target) => ptxCompiles(target, capability)),
    ].flatMap((target) => capabilityNumber(target.capability) ?? []);
    return runs.length === 0 ? [] : [{ path, newest: Math.max(...runs) }];
  });
}
