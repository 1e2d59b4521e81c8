import type { HardwareSource, VerifiedHardware } from './hardware-watch.ts';
import type { Accelerator, Contract } from '../../core/contract/contract.ts';
import { renewCommand } from '../../core/evidence/renewal.ts';
import { digestOfMeasured } from '../../core/evidence/sighting.ts';
import { acceleratorClassOf, cpuClassOf, type DeviceClass } from '../../core/pool/classes/device-class.ts';
import { readMeasuredClasses } from '../../core/pool/classes/measured-classes.ts';
import type { NodeFacts } from '../../core/pool/node-facts.ts';
import { classesOfNode } from '../../core/pool/snapshot/pool-snapshot.ts';
import { asPlimsollError } from '../../core/units/errors.ts';
import type { NodeProbe } from '../../ports/nodes/node-probe.ts';
import type { AskedNodes, OwnCluster } from '../../ports/nodes/own-nodes.ts';
import type { ReadProof } from '../judging/release-proof.ts';

/** What the watch compares: this machine, or the nodes of the cluster, with the classes that the release's hardware evidence was measured for. */
export function makeHardwareSource(proof: ReadProof, probe: NodeProbe, cluster?: OwnCluster): HardwareSource {
  return {
    async verified(): Promise<VerifiedHardware | null> {
      const found = await proof();
      if (found === null || 'unknown' in found) return null;
      const { contract } = found.loaded;
      const evidence = found.locked?.evidence.hardware;
      const isOfCluster = contract.environments[found.release.environment]?.platform === 'kubernetes';
      if (isOfCluster !== (cluster !== undefined)) return null;
      if (contract.hardware === undefined || evidence === undefined) return null;
      const several = Object.keys(contract.environments).length > 1;
      const remedy = renewCommand('hardware', several ? found.release.environment : undefined);
      const { measurements, measuredAtMs } = evidence;
      return { classes: readMeasuredClasses(measurements), evidence: digestOfMeasured(evidence), measuredAtMs, remedy };
    },
    async present(signal) {
      const found = await proof();
      const asked =
        found === null || 'unknown' in found ? askedOfNothing : askedOf(found.loaded.contract, found.release);
      if (cluster === undefined) return presentClasses((await probe.probe(signal)).facts, asked.accelerator);
      return ofCluster(cluster, asked, signal);
    },
  };
}

const askedOfNothing: AskedNodes = { accelerator: 'cpu', selector: {} };

const askedOf = (
  { hardware, environments }: Contract,
  { environment }: { readonly environment: string },
): AskedNodes => ({
  accelerator: hardware?.accelerator ?? 'cpu',
  selector: environments[environment]?.selector ?? {},
});

/** Of every node that tells its classes: one that does not says nothing of a change. */
async function ofCluster(
  cluster: OwnCluster,
  asked: AskedNodes,
  signal: AbortSignal,
): Promise<readonly DeviceClass[] | { readonly unreadable: string }> {
  try {
    return (await cluster.nodes(asked, signal)).flatMap((node) => classesOfNode(node, asked.accelerator));
  } catch (thrown) {
    return { unreadable: asPlimsollError(thrown).message };
  }
}

function presentClasses(
  facts: NodeFacts,
  accelerator: Accelerator,
): readonly DeviceClass[] | { readonly unreadable: string } {
  if (accelerator === 'cpu') {
    const deviceClass = cpuClassOf(facts);
    return deviceClass === null ? { unreadable: facts.unknown['cpu'] ?? 'its CPU is not known' } : [deviceClass];
  }
  if (facts.devices === null) return { unreadable: facts.unknown['devices'] ?? 'its devices are not known' };
  return facts.devices.map(acceleratorClassOf);
}
