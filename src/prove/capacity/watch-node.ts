import { isBusyMachine, nameCauses, type NodeMoment } from '../../core/capacity/sustained/name-causes.ts';
import type { SustainedMeasurements } from '../../core/evidence/kinds/capacity/sustained-measurements.ts';
import type { LoadFacts, LoadReading } from '../../ports/nodes/load-facts.ts';
import type { ProvingPorts } from '../ports.ts';

export interface NodeWatch {
  /** What it saw since it began. */
  seen(): Promise<Pick<SustainedMeasurements, 'nodeFacts' | 'isBusy'>>;
  /** Share of one core that this program took since the last call; null of no time. */
  busyShare(): Promise<number | null>;
}

/** Watches the machine while a replica of it is measured. What cannot be read is left out. */
export async function watchNode(
  context: Pick<ProvingPorts, 'clock' | 'signal' | 'nodeProbe'>,
  facts: LoadFacts,
  pid: number | null,
): Promise<NodeWatch> {
  const look = async (): Promise<NodeMoment & LoadReading> => ({
    ...(await facts.read(pid)),
    atMs: context.clock.monotonicMs(),
    throttleReasons: await readThrottling(context),
  });
  const first = await look();
  let last: { readonly atMs: number; readonly ownProcessorMs: number } = first;
  return {
    async seen() {
      const now = await look();
      return { nodeFacts: nameCauses(first, now), ...(isBusyMachine(first, now) ? { isBusy: true as const } : {}) };
    },
    async busyShare() {
      const now = { atMs: context.clock.monotonicMs(), ownProcessorMs: (await facts.read(null)).ownProcessorMs };
      const [tookMs, ofMs] = [now.ownProcessorMs - last.ownProcessorMs, now.atMs - last.atMs];
      last = now;
      return ofMs > 0 ? tookMs / ofMs : null;
    },
  };
}

/** A machine without a probe, or whose probe fails, gives no reasons: nothing is claimed of it. */
async function readThrottling({
  nodeProbe,
  signal,
}: Pick<ProvingPorts, 'signal' | 'nodeProbe'>): Promise<readonly string[]> {
  try {
    const { facts } = await (await nodeProbe()).probe(signal);
    return [...new Set((facts.devices ?? []).flatMap(({ throttleReasons }) => throttleReasons ?? []))];
  } catch {
    signal.throwIfAborted();
    return [];
  }
}
