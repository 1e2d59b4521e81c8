import { containerHostSources, mpsClients } from '../../tables/host/container-hosts.ts';
import type { DeviceRule } from '../device-rules.ts';
import { found } from '../finding.ts';
import type { Plain } from '../outcome.ts';
import type { UnitFacts } from '../unit-facts.ts';

const decide = ({ sharing, replicas }: UnitFacts): Plain => {
  if (sharing !== 'mps' || replicas === null || replicas <= mpsClients.always) return 'native';
  return replicas > mpsClients.most ? 'incompatible' : 'unknown';
};

/**
 * A server of MPS takes a number of clients, and each replica is at least one.
 *
 * | a board is handed out to | answer |
 * |---|---|
 * | at most 48, or nobody told | native |
 * | 49 to 60 | unknown: newer drivers take them |
 * | more | incompatible: the last of them find no place |
 */
export const mpsClientsRule: DeviceRule = {
  facet: 'mpsClients',
  decide,
  explain: ({ sharing, replicas }, decided) =>
    found({
      rule: 'mps-clients',
      compatibility: decided,
      message:
        decided === 'native'
          ? 'MPS has a place for everybody whom the board is handed out to'
          : `the board is handed out to ${replicas} by MPS, which ${decided === 'unknown' ? `may take ${mpsClients.always} clients alone` : `takes ${mpsClients.most} clients`}`,
      facts: { sharing, replicas: replicas === null ? null : String(replicas) },
      source: containerHostSources.mpsClients,
      fix:
        decided === 'native' ? undefined : `at most ${mpsClients.always} replicas in the settings of the device plugin`,
    }),
};
