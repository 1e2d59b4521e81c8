import { rolloutView } from '../../page/rollout-view.ts';
import type { RolloutAnswer } from '../../../schemas/http/release/http-rollout.ts';
import type { OperationsSource } from '../operations-source.ts';

/** The step that is under way, and the evidence over time of one release: the newest that has any, where none is named. */
export async function readRollout(
  { store, clock }: OperationsSource,
  { service, environment, release }: { service: string; environment: string; release?: number },
): Promise<RolloutAnswer> {
  const releases = await store.releases(service, environment);
  const view = rolloutView(await store.canary(service, environment), releases, clock.nowMs());
  const asked = release ?? view?.release;
  if (asked !== undefined) {
    const samples = await store.canarySamples(service, environment, asked);
    return { rollout: view?.release === asked ? view : null, release: asked, samples };
  }
  for (const { number } of [...releases].reverse().slice(0, newestLookedAt)) {
    const samples = await store.canarySamples(service, environment, number);
    if (samples.length > 0) return { rollout: null, release: number, samples };
  }
  return { rollout: null, release: null, samples: [] };
}

const newestLookedAt = 50;
