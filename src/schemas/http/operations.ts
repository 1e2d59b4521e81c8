import type { Release } from '../../core/rollout/release.ts';
import type { AskedWaiver, ReleaseAsk } from '../../core/rollout/release-ask.ts';
import type { Digest } from '../../core/units/digest.ts';

/** A release as it is asked for: by a bundle that was sent before. Nothing in it is a judgement. */
export interface ReleaseRequest {
  readonly service: string;
  readonly environment: string;
  readonly bundle: Digest;
  readonly waivers: readonly AskedWaiver[];
  /** Makes a release also where the live one is made of the same. */
  readonly again: boolean;
}

/**
 * What became of a request.
 *
 * | outcome | meaning |
 * |---|---|
 * | released | it is numbered, and comes in |
 * | live | it is what is live, or what comes in, already; no number was made |
 * | renewed | it differs from what is live only in evidence, which is that of the live release now |
 * | fetching | its model is being fetched; it is judged and numbered when the files are there |
 * | requested | no control plane runs; the next one judges and numbers it |
 */
export type ReleaseAnswer =
  | { readonly outcome: 'released' | 'live' | 'renewed'; readonly release: Release; readonly ask: ReleaseAsk }
  | { readonly outcome: 'fetching' | 'requested'; readonly release: null; readonly ask: ReleaseAsk };
