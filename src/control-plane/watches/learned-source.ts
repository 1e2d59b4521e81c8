import type { EvidenceKind } from '../../core/evidence/lock/lock.ts';
import { renewCommand } from '../../core/evidence/renewal.ts';
import { digestOfMeasured } from '../../core/evidence/sighting.ts';
import type { ReadProof } from '../judging/release-proof.ts';
import type { LearnedSource } from './learned-watch.ts';

/** The evidence that scaling decides by, as long as it is of what the lock pins. */
export function makeLearnedSource(proof: ReadProof): LearnedSource {
  return {
    async measured(kind: EvidenceKind) {
      const found = await proof();
      if (found === null || 'unknown' in found) return null;
      const { locked, release } = found;
      const evidence = locked?.evidence[kind];
      if (evidence === undefined || !locked?.code || !locked.model) return null;
      const { subjects, measuredAtMs } = evidence;
      if (subjects['code'] !== locked.code.digest || subjects['model'] !== locked.model.digest) return null;
      const several = Object.keys(found.loaded.contract.environments).length > 1;
      const remedy = renewCommand(kind, several ? release.environment : undefined);
      return { evidence: digestOfMeasured(evidence), measuredAtMs, remedy };
    },
  };
}
