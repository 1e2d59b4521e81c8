import type { NotifyTarget } from '../../core/contract/notify-target.ts';
import type { ReadProof } from '../judging/release-proof.ts';

/** Where the contract of the shown release sends alerts; none before the first release, null where it cannot be read. */
export function makeNotifyTargets(proof: ReadProof): () => Promise<readonly NotifyTarget[] | null> {
  return async () => {
    const found = await proof();
    if (found === null) return [];
    return 'unknown' in found ? null : (found.loaded.contract.monitoring?.notify ?? []);
  };
}
