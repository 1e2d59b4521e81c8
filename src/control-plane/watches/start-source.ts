import { readColdStart } from '../../core/evidence/kinds/cold-start/start-measurements.ts';
import { renewCommand } from '../../core/evidence/renewal.ts';
import { digestOfMeasured } from '../../core/evidence/sighting.ts';
import { pairDigest } from '../../core/rollout/names.ts';
import type { ReadProof } from '../judging/release-proof.ts';
import type { StartSource } from './start-watch.ts';

/** The starts of the cold-start evidence that the release went out on, as long as it is of what the lock pins. */
export function makeStartSource(proof: ReadProof): StartSource {
  return {
    async measured() {
      const found = await proof();
      if (found === null || 'unknown' in found) return null;
      const { locked, release } = found;
      const { contract } = found.loaded;
      const evidence = locked?.evidence['cold-start'];
      const { coldStart } = contract;
      if (coldStart === undefined || evidence === undefined || !locked?.code || !locked.model) return null;
      const { subjects, measurements, measuredAtMs } = evidence;
      if (subjects['code'] !== locked.code.digest || subjects['model'] !== locked.model.digest) return null;
      const starts = readColdStart(measurements)?.tiers[coldStart.from]?.starts ?? [];
      if (starts.length === 0) return null;
      const several = Object.keys(contract.environments).length > 1;
      return {
        pair: pairDigest({ digest: locked.code.digest, section: contract.code }, locked.model),
        starts,
        coldStart,
        evidence: digestOfMeasured(evidence),
        measuredAtMs,
        remedy: renewCommand('cold-start', several ? release.environment : undefined),
      };
    },
  };
}
