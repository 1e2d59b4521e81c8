import type { RolloutAnswer } from '../../../src/schemas/http/release/http-rollout.ts';
import type { ServiceView } from '../../../src/schemas/view/view.ts';

/** As many as a store gives back of one release. */
const samplesAtMost = 2_000;

/**
 * What is known of a rollout after a view came: its judgement is one more sample, so that the evidence grows between two
 * readings of the store. Samples of another release are let go.
 */
export function withJudgement(known: RolloutAnswer | null, view: ServiceView): RolloutAnswer | null {
  const { rollout } = view;
  if (rollout === undefined) return known === null || known.rollout === null ? known : { ...known, rollout: null };
  const { release, step, judgement } = rollout;
  const samples = known?.release === release ? known.samples : [];
  const newest = samples.at(-1);
  if (judgement === null || (newest !== undefined && newest.judgement.atMs >= judgement.atMs)) {
    return { rollout, release, samples };
  }
  const { service, environment } = view;
  const sample = { service, environment, release, step, judgement };
  return { rollout, release, samples: [...samples.slice(1 - samplesAtMost), sample] };
}
