import path from 'node:path';
import { asPlimsollError } from '../../core/units/errors.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { CustomSet } from '../../core/monitoring/watch/monitoring-terms.ts';
import type { ComputedFeatures, FeatureSource } from '../../ports/monitoring/feature-source.ts';
import type { WriteDurably } from '../../ports/process/write-durably.ts';
import { makeFeatureRunner, type FeatureRunner } from '../../prove/features/compute-features.ts';

export interface FeatureSourceParts {
  readonly blobs: Pick<Blobs, 'read'>;
  /** Where the files of programs are laid out, by the digest of what computes the features. */
  readonly folder: string;
  readonly writeDurably: WriteDurably;
  /** What commands see. */
  readonly env: Readonly<Record<string, string>>;
}

/** Sets whose programs are kept; the one that was asked for longest ago ends first. */
const setsAtMost = 64;
/** Of one batch of captured requests, which are written every two seconds. */
const withinMs = 5_000;

/** Runs the programs of releases, where the replicas of these releases run as processes too. */
export function makeFeatureSource({ blobs, folder, writeDurably, env }: FeatureSourceParts): FeatureSource {
  const runners = new Map<string, Promise<FeatureRunner>>();
  const layOut = async (set: CustomSet): Promise<FeatureRunner> => {
    const at = path.join(folder, set.digest.replace(':', '-'));
    for (const file of set.files) {
      const bytes = await blobs.read(file.digest);
      await writeDurably(path.join(at, file.path), bytes, { doing: 'laying out the programs of features' });
    }
    return makeFeatureRunner(set.programs, at, env);
  };
  const runnerOf = (set: CustomSet): Promise<FeatureRunner> => {
    const found = runners.get(set.digest) ?? layOut(set);
    runners.delete(set.digest);
    runners.set(set.digest, found);
    found.catch(() => runners.delete(set.digest));
    const [oldest] = runners.keys();
    if (runners.size > setsAtMost && oldest !== undefined) {
      void runners.get(oldest)?.then((runner) => runner.close());
      runners.delete(oldest);
    }
    return found;
  };
  return {
    async compute(set, lines) {
      if (set.refused !== null) return allFailed(lines, set.refused);
      try {
        return await (await runnerOf(set)).compute(lines, withinMs);
      } catch (thrown) {
        return allFailed(lines, asPlimsollError(thrown).message);
      }
    },
    async close() {
      for (const runner of await Promise.allSettled(runners.values())) {
        if (runner.status === 'fulfilled') runner.value.close();
      }
    },
  };
}

const allFailed = (lines: readonly string[], because: string): ComputedFeatures => ({
  rows: lines.map(() => ({})),
  failures: { 'the programs of features': because },
});
