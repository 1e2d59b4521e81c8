import type { StartSource } from '../../control-plane/watches/start-watch.ts';
import { renewCommand } from '../../core/evidence/renewal.ts';
import { readColdStart } from '../../core/evidence/kinds/cold-start/start-measurements.ts';
import { pairDigest } from '../../core/rollout/names.ts';
import type { Project } from '../../ports/project/project.ts';

/** The starts of the cold-start evidence in the lock, as long as it is of what the lock pins. */
export function openStartSource(project: Project, environment: string): StartSource {
  return {
    async measured() {
      const { contract } = await project.contract();
      const locked = (await project.lock())?.environments[environment];
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
        measuredAtMs,
        remedy: renewCommand('cold-start', several ? environment : undefined),
      };
    },
  };
}
