import { containerHostSources } from '../../tables/host/container-hosts.ts';
import type { DeviceRule } from '../device-rules.ts';
import { found } from '../finding.ts';
import type { Plain } from '../outcome.ts';
import type { UnitFacts } from '../unit-facts.ts';

const decide = ({ sharing, replicas, kind }: UnitFacts): Plain => {
  // Several instances of MIG have a rule of their own.
  if (kind === 'instance') return 'native';
  if (sharing === 'mps') return 'incompatible';
  return sharing === 'time-slicing' && replicas !== 1 ? 'unknown' : 'native';
};

/**
 * Several devices of one replica, where boards are shared.
 *
 * | boards are shared | answer |
 * |---|---|
 * | by MPS | incompatible: the device plugin refuses a request of more than one |
 * | in turn | unknown: two slices may be of one board |
 * | in turn, as one slice each | native |
 * | not | native |
 */
export function sharedDevicesRule(devices: number): DeviceRule {
  return {
    facet: 'sharedDevices',
    decide,
    explain: ({ sharing, replicas }, decided) =>
      found({
        rule: 'shared-devices',
        compatibility: decided,
        message:
          decided === 'native'
            ? 'every device that is handed out is a board of its own'
            : decided === 'incompatible'
              ? `${devices} devices are asked for, and boards are shared by MPS: the device plugin refuses more than one`
              : `${devices} devices are asked for, and boards are shared in turn: two slices may be of one board, which then is one device`,
        facts: { devices: String(devices), sharing, replicas: replicas === null ? null : String(replicas) },
        source: sharing === 'mps' ? containerHostSources.sharedMps : containerHostSources.sharedSlices,
        fix: decided === 'native' ? undefined : 'a pool of boards that are not shared, or devices: 1',
      }),
  };
}
