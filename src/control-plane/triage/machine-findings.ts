import type { FileFinding, NodeEvent, ReplicaGolden } from '../../core/monitoring/triage/observations.ts';
import { settleMs } from '../../core/monitoring/triage/reading.ts';
import type { Isolation } from '../../core/rollout/isolation/isolation.ts';
import type { Release } from '../../core/rollout/release.ts';
import type { ReplicaInspector } from '../../ports/serving/replica-inspector.ts';

/** What was seen of the machines and files under the replicas that were replayed. */
export interface MachineFindings {
  /** With device class and runtime where they are known. */
  readonly golden: readonly ReplicaGolden[];
  readonly files: readonly FileFinding[];
  readonly nodeEvents: readonly NodeEvent[];
}

/** A look is bounded: files may be large, and a probe may start a program. */
const lookAtMostMs = 120_000;

/**
 * Looks from outside at the replicas that golden sets were replayed on: nothing of it is what a replica says of itself.
 * Without an inspector everything but the devices that left their peers stays unknown.
 * @param left accelerators of any node that are below their peers.
 * @param onsetMs the earliest time at which what alarmed may have begun.
 */
export async function findOnMachines(
  inspector: ReplicaInspector | undefined,
  golden: readonly ReplicaGolden[],
  release: Release,
  { onsetMs, left }: { readonly onsetMs: number; readonly left: readonly NodeEvent[] },
  signal: AbortSignal,
): Promise<MachineFindings> {
  const nodes = new Set(golden.map(({ node }) => node));
  const below = left.filter(({ node }) => nodes.has(node));
  if (inspector === undefined) return { golden, files: [], nodeEvents: below };
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(lookAtMostMs)]);
  const asked = golden.map(({ replicaId }) => ({ replicaId, files: release.model.files }));
  const found = new Map((await inspector.inspect(asked, bounded)).map((each) => [each.replicaId, each]));
  const events = await inspector.nodeEvents(onsetMs - settleMs, bounded);
  return {
    golden: golden.map((replica) => {
      const seen = found.get(replica.replicaId);
      return {
        ...replica,
        deviceClass: seen?.deviceClass ?? replica.deviceClass,
        fingerprint: seen?.fingerprint ?? replica.fingerprint,
      };
    }),
    files: [...found.values()].map(({ replicaId, files }) => ({ replicaId, verdict: files })),
    nodeEvents: [...events.filter(({ node }) => nodes.has(node)), ...below],
  };
}

/** A replica that was out of traffic before it began says nothing of what alarmed. */
export function withoutIsolated<T extends Pick<MachineFindings, 'golden' | 'files'>>(
  seen: T,
  isolations: readonly Isolation[],
  onset: { readonly sinceMs: number },
): T {
  const wasOut = ({ replicaId }: { readonly replicaId: string }): boolean =>
    isolations.some((each) => each.replicaId === replicaId && each.sinceMs !== null && each.sinceMs < onset.sinceMs);
  return {
    ...seen,
    golden: seen.golden.filter((each) => !wasOut(each)),
    files: seen.files.filter((each) => !wasOut(each)),
  };
}
