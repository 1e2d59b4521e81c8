import path from 'node:path';
import type { FastifyBaseLogger } from 'fastify';
import { systemClock } from '../../adapters/system/clock.ts';
import type { StoreReader } from '../../ports/records/store.ts';
import { keepAnchored } from '../../prove/audit/keep-anchored.ts';

/** Keeps the hash of the newest event in the file of PLIMSOLL_AUDIT_ANCHOR, outside of the store; does nothing without it. */
export async function openAnchoring(
  env: Readonly<Record<string, string | undefined>>,
  store: Pick<StoreReader, 'chainHead'>,
  log: Pick<FastifyBaseLogger, 'error'>,
  signal: AbortSignal,
): Promise<void> {
  const named = env['PLIMSOLL_AUDIT_ANCHOR'] ?? '';
  if (named === '') return;
  const file = path.resolve(named);
  const tell = (err: unknown): void => {
    log.error({ err, file }, 'the newest hash of the history could not be anchored');
  };
  await keepAnchored({ store, clock: systemClock, file, tell }, signal);
}
