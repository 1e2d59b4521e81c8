import type { ImageFacts } from '../../../image/image-facts.ts';
import {
  mappingsRefusedBelow,
  memoryServiceSources,
  memoryServiceUsers,
  poolsFromCuda,
  type MemoryService,
  type MemoryServiceUser,
} from '../../tables/host/memory-services.ts';
import type { Source } from '../../tables/source.ts';
import type { ServiceDemands } from '../../compatibility.ts';
import type { DeviceRule } from '../device-rules.ts';
import { rowOf } from '../engines/published-runtimes.ts';
import { found, notKnown } from '../finding.ts';
import { capabilityNumber, cudaNumber, cudaText, versionOf } from '../numbers.ts';
import type { Plain } from '../outcome.ts';
import { isTegra, isWsl, unifiedMemoryOf } from '../product-traits.ts';
import { distribution } from '../service-facts.ts';
import type { UnitFacts } from '../unit-facts.ts';

interface Use {
  readonly row: MemoryServiceUser;
  /** `torch 2.6.0 with PYTORCH_CUDA_ALLOC_CONF=...`. */
  readonly says: string;
}

function useOf(row: MemoryServiceUser, image: ImageFacts, args: readonly string[]): readonly Use[] {
  const text = distribution(image, [row.of]);
  const version = versionOf(text);
  if (version === null || rowOf([row], version) === null) return [];
  if (row.unlessBackend !== undefined && args.some((arg) => arg.split('=').at(-1) === row.unlessBackend)) return [];
  if (row.variable === undefined) return [{ row, says: `${row.of} ${text}` }];
  const { names, holds } = row.variable;
  const name = names.find((one) => new RegExp(holds).test(image.env[one] ?? ''));
  return name === undefined
    ? []
    : [{ row, says: `${row.of} ${text} with ${name}=${(image.env[name] ?? '').slice(0, 80)}` }];
}

const refusedBelow = capabilityNumber(mappingsRefusedBelow) ?? 0;
const poolsFrom = cudaNumber(poolsFromCuda) ?? 0;

interface Reason {
  readonly answer: Plain;
  readonly because: string;
  readonly source: Source;
  readonly fact: 'unifiedMemory' | 'computeCapability' | 'driverCuda' | null;
}
const granted: Reason = {
  answer: 'native',
  because: 'the driver offers it',
  source: memoryServiceSources.virtual,
  fact: null,
};

/**
 * | device | mappings | pools |
 * |---|---|---|
 * | a system on chip (Jetson) below 10.0 | incompatible | native |
 * | a newer system on chip | unknown | native |
 * | a virtual GPU with unified memory, or a whole board | native | native |
 * | a virtual GPU without it (see `unifiedMemoryOf`) | incompatible | incompatible |
 * | a virtual GPU, or one that may be, of which it was not read | unknown | unknown |
 * | a board under WSL | unknown | native |
 * | a driver before CUDA 11.2 | native | incompatible |
 */
function reasonOf(service: MemoryService, unit: UnitFacts): Reason {
  const { capability, driverCuda, virtual } = unit;
  const unified = unifiedMemoryOf(unit);
  if (virtual !== false && unified !== 'on') {
    return unified === 'off'
      ? {
          answer: 'incompatible',
          because: `${unit.product ?? 'the device'} is a virtual GPU without unified memory, and its driver refuses that (error 801)`,
          source: unit.state.unifiedMemory === 'off' ? memoryServiceSources.virtual : memoryServiceSources.fraction,
          fact: null,
        }
      : {
          ...granted,
          answer: 'unknown',
          because: 'a virtual GPU offers it with unified memory alone',
          fact: 'unifiedMemory',
        };
  }
  if (service === 'pools') {
    if (driverCuda === null)
      return { ...granted, answer: 'unknown', because: `pools came with CUDA ${poolsFromCuda}`, fact: 'driverCuda' };
    return driverCuda >= poolsFrom
      ? granted
      : {
          answer: 'incompatible',
          because: `the driver speaks CUDA ${cudaText(driverCuda)}, and pools came with ${poolsFromCuda} (error 36)`,
          source: memoryServiceSources.pools,
          fact: null,
        };
  }
  if (capability === null)
    return { ...granted, answer: 'unknown', because: 'a Jetson refuses it', fact: 'computeCapability' };
  if (isTegra(capability)) {
    return capability < refusedBelow
      ? {
          answer: 'incompatible',
          because: 'a Jetson refuses it: the first allocation says out of memory',
          source: memoryServiceSources.tegra,
          fact: null,
        }
      : {
          ...granted,
          answer: 'unknown',
          because: 'older systems on chip refuse it, and nobody told of this one',
          source: memoryServiceSources.tegra,
        };
  }
  if (isWsl(unit)) {
    return {
      ...granted,
      answer: 'unknown',
      because: 'under WSL some boards refuse it',
      source: memoryServiceSources.wsl,
    };
  }
  return granted;
}

const serviceText: Readonly<Record<MemoryService, string>> = {
  mappings: 'maps memory itself (cuMemCreate)',
  pools: 'takes memory from a pool (cudaMallocAsync)',
};

/**
 * Whether the driver offers what programs of the image ask for beside plain memory. Null where no program of the image is known to ask for it.
 * Of several the worst answer counts.
 */
export function memoryServiceRule({ image, args = [] }: ServiceDemands): DeviceRule | null {
  if (image === null) return null;
  const uses = memoryServiceUsers.flatMap((row) => useOf(row, image, args));
  if (uses.length === 0) return null;
  const worst = (unit: UnitFacts): { readonly use: Use; readonly reason: Reason } => {
    const all = uses.map((use) => ({ use, reason: reasonOf(use.row.service, unit) }));
    const [first] = all;
    const bad =
      all.find(({ reason }) => reason.answer === 'incompatible') ??
      all.find(({ reason }) => reason.answer === 'unknown');
    if (first === undefined) throw new RangeError('a rule without a use');
    return bad ?? first;
  };
  return {
    facet: 'memoryServices',
    decide: (unit) => worst(unit).reason.answer,
    explain: (unit, decided) => {
      const { use, reason } = worst(unit);
      const does = `${use.says} ${serviceText[use.row.service]}`;
      if (decided === 'unknown' && reason.fact !== null)
        return notKnown('memory-services', reason.fact, `${does}; ${reason.because}`);
      return found({
        rule: 'memory-services',
        compatibility: decided,
        message: `${does}: ${reason.because}`,
        facts: { product: unit.product, unifiedMemory: unit.state.unifiedMemory ?? null },
        source: decided === 'native' ? use.row.source : reason.source,
        fix:
          decided === 'native'
            ? undefined
            : use.row.variable === undefined
              ? 'a whole board, unified memory for the virtual GPU (enable_uvm), or another program'
              : `an image without that setting of ${use.row.variable.names.join(' or ')}`,
      });
    },
  };
}
