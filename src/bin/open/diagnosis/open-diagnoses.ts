import { systemClock } from '../../../adapters/system/clock.ts';
import { LiveDiagnoses } from '../../../control-plane/diagnosis/live-diagnoses.ts';
import { makeAbsentNode } from '../../../core/diagnosis/readings/absent-node.ts';
import { makeDistantDevices } from '../../../core/diagnosis/readings/device-snapshots.ts';
import type { NodeProbe } from '../../../ports/nodes/node-probe.ts';
import type { NodeReadings } from '../../../ports/nodes/node-readings.ts';
import { diagnosisMetricNames } from '../../../prove/diagnosis/observe.ts';
import type { MetricsChoices } from '../../../cli/context.ts';
import { openMetricsSource } from '../open-metrics-source.ts';
import { openNodeReadings } from './open-node-readings.ts';
import { readDcgm } from './read-dcgm.ts';

/** Facts of the driver take a program or a library to read: a control plane asks once a minute. */
const factsHoldMs = 60_000;

/** What looks at services while they serve. @param probe of this machine; null where replicas run on others. */
export async function openDiagnoses(
  probe: NodeProbe | null,
  env: Readonly<Record<string, string | undefined>>,
): Promise<{ readonly diagnoses: LiveDiagnoses; close(): Promise<void> }> {
  const openMetrics = (choices: MetricsChoices = {}) => openMetricsSource({ clock: systemClock, env }, choices);
  const metrics = await openMetrics({ prometheus: '', names: diagnosisMetricNames });
  const elsewhere: NodeReadings = {
    read: async (_processes, devices, signal) => {
      const why = 'the replica runs on another node: run plimsoll diagnose --node there';
      const absent = makeAbsentNode(systemClock.monotonicMs(), why, devices?.length === 0);
      if (devices?.length === 0) return absent;
      return { ...absent, devices: makeDistantDevices(devices, await readDcgm(env, openMetrics, signal), why) };
    },
  };
  const node = probe === null ? elsewhere : openNodeReadings(probe, env, openMetrics, { factsHoldMs });
  return {
    diagnoses: new LiveDiagnoses({ clock: systemClock, node, elsewhere, metrics }),
    close: () => metrics.close(),
  };
}
