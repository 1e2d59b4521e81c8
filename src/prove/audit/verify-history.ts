import { ChainCheck, type ChainAnchor, type ChainReport } from '../../core/records/audit/verify-chain.ts';
import type { StoreReader } from '../../ports/records/store.ts';

const entriesAtOnce = 2_000;

/** Verifies the chain of all events of a store. Memory does not grow with the number of events. */
export async function verifyHistory(
  store: Pick<StoreReader, 'auditEntries'>,
  anchors: readonly ChainAnchor[],
  signal: AbortSignal,
): Promise<ChainReport> {
  const check = new ChainCheck(anchors);
  for (let afterSeq = Number.MIN_SAFE_INTEGER; ;) {
    signal.throwIfAborted();
    const entries = await store.auditEntries({ afterSeq, limit: entriesAtOnce });
    check.take(entries);
    if (entries.length < entriesAtOnce) return check.finish();
    afterSeq = entries.at(-1)?.seq ?? afterSeq;
  }
}
