import { decideFinding } from '../../core/diagnosis/finding/decide-finding.ts';
import type { Finding } from '../../core/diagnosis/finding/finding.ts';
import type { Observation } from '../../core/diagnosis/report/diagnosis-record.ts';
import type { ExitStatus } from '../exit-status.ts';
import type { Experiments } from './experiments.ts';

/** Less time than this shows nothing. */
const leastMs = 5_000;
const noTerms = { accelerators: 1, loadedShare: 1, pricePerHour: null };

/** What experiments say of the suspicions; without experiments each suspicion stays undetermined. */
export async function findingOf(
  { window, suspicions: { suspected } }: Observation,
  experiments: Experiments | null,
  leftMs: number,
  note: (text: string) => void,
): Promise<Finding> {
  const showWithin = experiments?.showWithin ?? null;
  if (suspected.length === 0 || showWithin === null || leftMs < leastMs) return decideFinding(suspected, [], noTerms);
  note(`trying to show ${suspected.map(({ cause }) => cause).join(', ')}: ${Math.round(leftMs / 1_000)} s at most`);
  return showWithin(leftMs, window)(suspected);
}

/** A shown cause is a fault that was found: 1. What stays open is 3. */
export function exitOf({ verdict }: Finding): ExitStatus {
  switch (verdict) {
    case 'shown':
      return 1;
    case 'undetermined':
      return 3;
    case 'none':
      return 0;
  }
}
