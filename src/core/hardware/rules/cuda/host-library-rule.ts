import { brands } from '../../tables/brands.ts';
import { cudaDrivers } from '../../tables/cuda-drivers.ts';
import { hostSources } from '../../tables/host-states.ts';
import type { DeviceRule } from '../device-rules.ts';
import { found, notKnown } from '../finding.ts';
import { cudaNumber, cudaText } from '../numbers.ts';
import { isTegra, isWsl } from '../product-traits.ts';
import type { UnitFacts } from '../unit-facts.ts';

const cudaOfBranches = new Map(cudaDrivers.map(({ branch, cuda }) => [branch, cudaNumber(cuda)]));

/**
 * The node itself may hold a `libcuda.so.1` of a newer driver than its kernel module: a `cuda-compat` package that its loader finds, or a library that was updated.
 * The driver then speaks a newer CUDA than its branch brings. Of systems on chip and of Windows the branch tells no CUDA.
 *
 * | CUDA that the driver speaks | brand | answer |
 * |---|---|---|
 * | that of its branch, or older; or of a branch of no table | any | native |
 * | newer | not covered by forward compatibility (GeForce, TITAN) | incompatible: error 804 |
 * | newer | not known | unknown |
 * | newer | any other | native: the package may be meant |
 */
export const hostLibraryRule: DeviceRule = {
  facet: 'hostLibrary',
  decide: (unit) => {
    if (ownCudaOf(unit) === null) return 'native';
    return unit.brand === null ? 'unknown' : 'incompatible';
  },
  explain: (unit, decided) => {
    const own = ownCudaOf(unit);
    if (decided === 'unknown') {
      return notKnown('host-library', 'brand', `driver ${unit.driverText} speaks a newer CUDA than its branch brings`);
    }
    return found({
      rule: 'host-library',
      compatibility: decided,
      message:
        own === null
          ? 'nothing shows that the library of CUDA on the node is not that of its driver'
          : `driver ${unit.driverText} is of CUDA ${cudaText(own)}, and its library on the node speaks ${cudaText(unit.driverCuda ?? 0)}: cuda-compat or the library of another driver stands in its place, which brand ${unit.brand} refuses (error 804)`,
      facts: {
        driver: unit.driverText,
        driverCuda: unit.driverCuda === null ? null : cudaText(unit.driverCuda),
        brand: unit.brand,
      },
      source: hostSources.compatOnHost,
      fix:
        own === null
          ? undefined
          : 'remove cuda-compat from the node (ldconfig -p | grep libcuda), or reboot it after an update of the driver',
    });
  },
};

/** CUDA of the branch, where the driver speaks a newer one that the brand refuses, or may refuse; null where nothing is refused. */
function ownCudaOf(unit: UnitFacts): number | null {
  const { branch, driverCuda, capability, brand } = unit;
  const own = cudaOfBranches.get(branch ?? 0) ?? null;
  if (own === null || isTegra(capability) || isWsl(unit)) return null;
  if ((driverCuda ?? 0) <= own) return null;
  return brand === null || refusing.includes(brand) ? own : null;
}

const refusing = brands.filter(({ forward }) => forward === 'no').map(({ name }) => name);
