import { systemClock } from '../../adapters/system/clock.ts';
import { nodeRoots } from '../../adapters/system/node-roots.ts';
import { makeNodeReadings } from '../../adapters/system/readings/node-readings.ts';
import type { CliContext } from '../../cli/context.ts';
import {
  deviceMetricNames,
  makeDeviceSnapshots,
  type DcgmReading,
} from '../../core/diagnosis/readings/device-snapshots.ts';
import type { NodeProbe } from '../../ports/nodes/node-probe.ts';
import type { NodeReadings } from '../../ports/nodes/node-readings.ts';

/** Counters of this machine. Activity of accelerators is DCGM's, which a Prometheus server has. */
export function openNodeReadings(
  probe: NodeProbe,
  env: Readonly<Record<string, string | undefined>>,
  openMetrics: CliContext['metricsSource'],
): NodeReadings {
  return makeNodeReadings({
    roots: nodeRoots,
    clock: systemClock,
    devices: async (signal) => {
      const [{ facts }, dcgm] = await Promise.all([probe.probe(signal), readDcgm(env, openMetrics, signal)]);
      return makeDeviceSnapshots(facts.devices, facts.unknown['devices'] ?? 'accelerators are not known', dcgm);
    },
  });
}

async function readDcgm(
  env: Readonly<Record<string, string | undefined>>,
  openMetrics: CliContext['metricsSource'],
  signal: AbortSignal,
): Promise<DcgmReading> {
  if ((env['PLIMSOLL_PROMETHEUS_URL'] ?? '') === '') {
    return { unknown: 'DCGM tells it, and no Prometheus server is named: set PLIMSOLL_PROMETHEUS_URL' };
  }
  const source = await openMetrics({});
  try {
    const answer = await source.readDevices?.(deviceMetricNames, signal);
    if (answer === undefined) return { unknown: 'the Prometheus server is not asked' };
    return answer.kind === 'read' ? { samples: answer.reading.samples } : { unknown: answer.message };
  } finally {
    await source.close();
  }
}
