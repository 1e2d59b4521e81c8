import type { HardwareSource, VerifiedHardware } from './hardware-watch.ts';
import { renewCommand } from '../../core/evidence/renewal.ts';
import { acceleratorClassOf, cpuClassOf, type DeviceClass } from '../../core/pool/device-class.ts';
import { readMeasuredClasses } from '../../core/pool/measured-classes.ts';
import type { NodeFacts } from '../../core/pool/node-facts.ts';
import type { NodeProbe } from '../../ports/nodes/node-probe.ts';
import type { ReadProof } from '../judging/release-proof.ts';

/** What the watch compares: this machine, with the classes that the release's hardware evidence was measured for. */
export function makeHardwareSource(proof: ReadProof, probe: NodeProbe): HardwareSource {
  return {
    async verified(): Promise<VerifiedHardware | null> {
      const found = await proof();
      if (found === null || 'unknown' in found) return null;
      const { contract } = found.loaded;
      const evidence = found.locked?.evidence.hardware;
      if (contract.environments[found.release.environment]?.platform === 'kubernetes') return null;
      if (contract.hardware === undefined || evidence === undefined) return null;
      const several = Object.keys(contract.environments).length > 1;
      const remedy = renewCommand('hardware', several ? found.release.environment : undefined);
      return { classes: readMeasuredClasses(evidence.measurements), measuredAtMs: evidence.measuredAtMs, remedy };
    },
    async present(signal) {
      const found = await proof();
      const accelerator =
        found === null || 'unknown' in found ? undefined : found.loaded.contract.hardware?.accelerator;
      const { facts } = await probe.probe(signal);
      return presentClasses(facts, accelerator ?? 'cpu');
    },
  };
}

function presentClasses(
  facts: NodeFacts,
  accelerator: 'nvidia' | 'cpu',
): readonly DeviceClass[] | { readonly unreadable: string } {
  if (accelerator === 'cpu') {
    const deviceClass = cpuClassOf(facts);
    return deviceClass === null ? { unreadable: facts.unknown['cpu'] ?? 'its CPU is not known' } : [deviceClass];
  }
  if (facts.devices === null) return { unreadable: facts.unknown['devices'] ?? 'its devices are not known' };
  return facts.devices.map(acceleratorClassOf);
}
