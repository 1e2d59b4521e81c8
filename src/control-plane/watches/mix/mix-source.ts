import { readCapacityMeasurements } from '../../../core/evidence/kinds/capacity/capacity-measurements.ts';
import { renewCommand } from '../../../core/evidence/renewal.ts';
import { digestOfMeasured } from '../../../core/evidence/sighting.ts';
import type { ReadProof } from '../../judging/release-proof.ts';
import type { MixSource } from './mix-watch.ts';

/** The mix of the capacity evidence that the release went out on, as long as the evidence is of what the lock pins. */
export function makeMixSource(proof: ReadProof): MixSource {
  return {
    async measured() {
      const found = await proof();
      if (found === null || 'unknown' in found) return null;
      const { locked, release, loaded } = found;
      const evidence = locked?.evidence.capacity;
      if (evidence === undefined || !locked?.code || !locked.model) return null;
      const { subjects, measurements, measuredAtMs } = evidence;
      if (subjects['code'] !== locked.code.digest || subjects['model'] !== locked.model.digest) return null;
      const mix = readCapacityMeasurements(measurements)?.mix;
      if (mix === undefined) return null;
      const several = Object.keys(loaded.contract.environments).length > 1;
      const renew = renewCommand('capacity', several ? release.environment : undefined);
      const remedy = `${renew} --mix captures`;
      return { release: release.number, mix, evidence: digestOfMeasured(evidence), measuredAtMs, remedy };
    },
  };
}
