import type { ImageFacts } from '../../../image/image-facts.ts';
import { compareVersions } from '../../../units/quantity/quantity-version-range.ts';
import { ncclWithPools, stateSources } from '../../tables/device-states.ts';
import { ncclOf, type DeviceRule } from '../device-rules.ts';
import { found, notKnown } from '../finding.ts';
import { versionOf } from '../numbers.ts';
import { unifiedMemoryOf } from '../product-traits.ts';

/**
 * NCCL over several virtual GPUs. Null where the image holds no NCCL.
 *
 * | device | unified memory | NCCL | answer |
 * |---|---|---|---|
 * | a whole board | any | any | native |
 * | a virtual GPU, or one that may be | on | any | native |
 * | the same | off | 2.23 or newer | incompatible: it makes a memory pool, which is not supported |
 * | the same | off | older, or not readable | unknown |
 * | the same | not read: its host turns it off by default | any | unknown |
 *
 * A virtual GPU that is a part of its board has none (see `unifiedMemoryOf`).
 */
export function unifiedMemoryRule(image: ImageFacts): DeviceRule | null {
  const text = ncclOf(image);
  if (text === null) return null;
  const version = versionOf(text);
  const makesPools = version !== null && compareVersions(version, versionOf(ncclWithPools) ?? []) >= 0;
  return {
    facet: 'unifiedMemory',
    decide: (unit) => {
      const { virtual } = unit;
      const unifiedMemory = unifiedMemoryOf(unit);
      if (virtual === false || unifiedMemory === 'on') return 'native';
      return unifiedMemory === 'off' && makesPools ? 'incompatible' : 'unknown';
    },
    explain: (unit, decided) => {
      const unifiedMemory = unifiedMemoryOf(unit);
      const isRead = unit.state.unifiedMemory !== undefined;
      return decided === 'unknown' && unifiedMemory === undefined
        ? notKnown('unified-memory', 'unifiedMemory', 'NCCL needs it, and a host turns it off by default')
        : found({
            rule: 'unified-memory',
            compatibility: decided,
            message:
              decided === 'native'
                ? 'the devices have unified memory'
                : `${isRead ? 'the host of the virtual GPUs turned unified memory off' : `${unit.product} is a part of its board, and has no unified memory`}, and NCCL ${text} ${decided === 'unknown' ? 'may need it' : 'makes a memory pool, which is then not supported (error 801)'}`,
            facts: { unifiedMemory: unifiedMemory ?? null, nccl: text },
            source: stateSources.unifiedMemory,
            fix:
              decided === 'native'
                ? undefined
                : isRead
                  ? 'turn unified memory on for each virtual GPU (enable_uvm), or whole boards'
                  : 'virtual GPUs with all memory of their boards, or whole boards',
          });
    },
  };
}
