import { containerHostSources } from '../../tables/host/container-hosts.ts';
import type { DeviceRule } from '../device-rules.ts';
import { found, notKnown } from '../finding.ts';
import { cudaOfProfile, profileWithoutCuda } from '../product-traits.ts';

/**
 * Profiles of a virtual GPU, by its name.
 *
 * | profile | answer |
 * |---|---|
 * | A, for applications | incompatible: it has no CUDA |
 * | any of Kepler (`GRID K260Q`), and of Maxwell all but 8Q (`GRID M60-4Q`) | incompatible: it has no CUDA |
 * | B, for desktops | unknown: the board and the version of the host decide |
 * | C, Q, or none | native |
 * | not known, of a virtual GPU or one that may be | unknown |
 */
export const virtualProfileRule: DeviceRule = {
  facet: 'virtualProfile',
  decide: cudaOfProfile,
  explain: ({ product }, decided) =>
    product === null && decided === 'unknown'
      ? notKnown('virtual-profile', 'product', 'the name of a virtual GPU tells whether it has CUDA')
      : found({
          rule: 'virtual-profile',
          compatibility: decided,
          message:
            decided === 'native'
              ? 'the device is no virtual GPU, or one whose profile has CUDA'
              : decided === 'incompatible'
                ? `${product} is a virtual GPU ${profileWithoutCuda(product)}, which has no CUDA`
                : `${product} is a virtual GPU for desktops, which may have no CUDA`,
          facts: { product },
          source: containerHostSources.profiles,
          fix: decided === 'native' ? undefined : 'a profile of the series C or Q of a newer board, or a whole board',
        }),
};
