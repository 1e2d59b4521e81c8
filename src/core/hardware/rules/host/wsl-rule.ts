import type { ImageFacts } from '../../../image/image-facts.ts';
import { compareVersions } from '../../../units/quantity/quantity-version-range.ts';
import { containerHostSources, ncclFailsUnderWsl } from '../../tables/host/container-hosts.ts';
import { ncclOf, type DeviceRule } from '../device-rules.ts';
import { found } from '../finding.ts';
import { versionOf } from '../numbers.ts';
import type { Plain } from '../outcome.ts';
import { isWsl } from '../product-traits.ts';

/**
 * NCCL over several devices under WSL. Null where the image holds no NCCL.
 *
 * | NCCL | answer |
 * |---|---|
 * | up to 2.20 | incompatible |
 * | newer, or not readable | unknown |
 */
export function wslRule(image: ImageFacts): DeviceRule | null {
  const text = ncclOf(image);
  if (text === null) return null;
  const version = versionOf(text);
  const limit = versionOf(ncclFailsUnderWsl) ?? [];
  const answer: Plain =
    version !== null && compareVersions(version.slice(0, limit.length), limit) <= 0 ? 'incompatible' : 'unknown';
  return {
    facet: 'wsl',
    decide: (unit) => (isWsl(unit) ? answer : 'native'),
    explain: (unit, decided) =>
      found({
        rule: 'wsl-devices',
        compatibility: decided,
        message:
          decided === 'native'
            ? 'the node is not known to be a WSL'
            : `the node is a WSL, and NCCL ${text} ${decided === 'unknown' ? 'may not work' : 'does not work'} over several devices there`,
        facts: { driver: unit.driverText, host: unit.state.host ?? null, nccl: text },
        source: containerHostSources.wslNccl,
        fix: decided === 'native' ? undefined : 'devices: 1, or Linux without Windows below it',
      }),
  };
}
