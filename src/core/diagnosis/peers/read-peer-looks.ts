import { readDcgmSeries, type DcgmSample, type DeviceReading } from '../../cost/ledger/devices/read-dcgm-series.ts';
import type { PeerFact, PeerLook } from './find-outliers.ts';

/** What a DCGM exporter is asked for. Names of dcgm-exporter, https://github.com/NVIDIA/dcgm-exporter, 2026-11. */
const fields = {
  smActive: 'DCGM_FI_PROF_SM_ACTIVE',
  clock: 'DCGM_FI_DEV_SM_CLOCK',
  generation: 'DCGM_FI_DEV_PCIE_LINK_GEN',
  width: 'DCGM_FI_DEV_PCIE_LINK_WIDTH',
} as const;

export const peerMetricNames: readonly string[] = Object.values(fields);

/** From here on a device is under load: idle ones lower their clocks and links to save power. */
const loadedShare = 0.5;

/**
 * One look at every board that a DCGM exporter tells of, by its labels `Hostname` and `modelName`. Boards without either are left
 * out. Copies that contradict each other are unknown. Nobody tells the bandwidth all the time: a probe measures it.
 */
export function readPeerLooks(samples: readonly DcgmSample[]): readonly PeerLook[] {
  const readings = new Map(
    readDcgmSeries(samples)
      .filter(({ instance }) => instance === null)
      .map((reading) => [keyOf(reading), reading.value]),
  );
  const boards = new Map(samples.map((sample) => [labelOf(sample, 'UUID'), sample]));
  return [...boards].flatMap(([uuid, sample]): readonly PeerLook[] => {
    const [node, deviceClass] = [labelOf(sample, 'Hostname'), labelOf(sample, 'modelName')];
    if (uuid === null || node === null || deviceClass === null) return [];
    const told = (metric: string): number | null => readings.get(keyOf({ metric, uuid })) ?? null;
    const facts: Record<PeerFact, number | null> = {
      bandwidth: null,
      'link-width': told(fields.width),
      'link-generation': told(fields.generation),
      clock: told(fields.clock),
    };
    return [{ ...{ node, device: uuid, deviceClass, facts }, isLoaded: (told(fields.smActive) ?? 0) >= loadedShare }];
  });
}

const keyOf = ({ metric, uuid }: Pick<DeviceReading, 'metric' | 'uuid'>): string => `${metric} ${uuid}`;

function labelOf({ labels }: DcgmSample, name: string): string | null {
  return labels.find(([label]) => label === name)?.[1] ?? null;
}
