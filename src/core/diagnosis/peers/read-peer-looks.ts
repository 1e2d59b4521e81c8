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
 * out, and so are those whose UUID two nodes or models tell: nobody knows which of them a number is of. Copies that contradict each
 * other are unknown. Nobody tells the bandwidth all the time: a probe measures it.
 */
export function readPeerLooks(samples: readonly DcgmSample[]): readonly PeerLook[] {
  const readings = new Map(
    readDcgmSeries(samples)
      .filter(({ instance }) => instance === null)
      .map((reading) => [keyOf(reading), reading.value]),
  );
  const boards = Map.groupBy(samples, (sample) => labelOf(sample, 'UUID'));
  return [...boards].flatMap(([uuid, told]): readonly PeerLook[] => {
    const node = onlyLabelOf(told, 'Hostname');
    const deviceClass = onlyLabelOf(told, 'modelName');
    if (uuid === null || node === null || deviceClass === null) return [];
    const valueOf = (metric: string): number | null => readings.get(keyOf({ metric, uuid })) ?? null;
    const facts: Record<PeerFact, number | null> = {
      bandwidth: null,
      'link-width': valueOf(fields.width),
      'link-generation': valueOf(fields.generation),
      clock: valueOf(fields.clock),
    };
    return [
      { ...{ node, device: uuid, deviceClass, facts }, isLoaded: (valueOf(fields.smActive) ?? 0) >= loadedShare },
    ];
  });
}

const keyOf = ({ metric, uuid }: Pick<DeviceReading, 'metric' | 'uuid'>): string => `${metric} ${uuid}`;

/** What all samples say; null where none does, or they differ. */
function onlyLabelOf(samples: readonly DcgmSample[], name: string): string | null {
  const [first, ...others] = new Set(samples.map((sample) => labelOf(sample, name)));
  return others.length === 0 ? (first ?? null) : null;
}

function labelOf({ labels }: DcgmSample, name: string): string | null {
  return labels.find(([label]) => label === name)?.[1] ?? null;
}
