import { makePrepareAblation } from '../../../adapters/system/ablation/prepare.ts';
import { nodeRoots } from '../../../adapters/system/node/node-roots.ts';
import { filesOfProcess } from '../../../adapters/system/readings/mapped-files.ts';
import { readCoresOfNodes } from '../../../adapters/system/readings/read-numa.ts';
import type { AblationRequest } from '../../../cli/context.ts';
import { findNearNodes } from '../../../core/pool/near-nodes.ts';
import type { NodeProbe } from '../../../ports/nodes/node-probe.ts';
import type { PrepareAblation } from '../../../ports/nodes/ablation.ts';

/** Prepares experiments on a process of this machine; cores near its accelerators are those of their NUMA nodes. */
export async function openPrepareAblation(
  probe: NodeProbe,
  { pid, devices, others }: AblationRequest,
  signal: AbortSignal,
): Promise<PrepareAblation> {
  const hasDevices = devices !== null && devices.length > 0;
  const known = hasDevices ? (await probe.probe(signal)).facts.devices : null;
  const nearCores = await readCoresOfNodes(nodeRoots, findNearNodes(known, devices));
  return makePrepareAblation({ pid, others, files: await filesOfProcess(nodeRoots.proc, pid), nearCores });
}
