import { isUnreadable } from '../../core/evidence/present-subjects.ts';
import type { ReplayTerms } from '../../core/monitoring/replay/replay-terms.ts';
import { digestOf, shortDigest } from '../../core/units/digest.ts';
import { seeNodes, type Judging } from '../judging/judging.ts';
import type { ReleaseProof } from '../judging/release-proof.ts';

/** What is known of the machines of all replicas alike. What differs between them, or cannot be read, is not known. */
export async function placeOf(judging: Judging, found: ReleaseProof, nowMs: number): Promise<ReplayTerms['place']> {
  const { subjects, snapshot } = await seeNodes(judging, found, found.release.environment, nowMs);
  const { runtime, deviceClasses } = subjects;
  const classes = isUnreadable(deviceClasses) ? [] : deviceClasses;
  const drivers = new Set(
    (snapshot?.nodes ?? []).flatMap(({ devices }) => (devices ?? []).map(({ driver }) => driver)),
  );
  const [driver = null] = drivers.size === 1 ? drivers : [];
  const isKnown = !isUnreadable(runtime) && Object.keys(runtime).length > 0;
  return {
    deviceClass: classes.length === 1 ? shortDigest(classes[0] as (typeof classes)[number]) : null,
    driver,
    fingerprint: isKnown ? shortDigest(digestOf({ runtime, driver, code: found.release.code.digest })) : null,
  };
}
