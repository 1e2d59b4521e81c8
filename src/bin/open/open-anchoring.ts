import path from 'node:path';
import type { FastifyBaseLogger } from 'fastify';
import { systemClock } from '../../adapters/system/clock.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { StoreReader } from '../../ports/records/store.ts';
import { keepAnchored } from '../../prove/audit/keep-anchored.ts';

/**
 * Keeps the hash of the newest event in the file of PLIMSOLL_AUDIT_ANCHOR, outside of the store, until `signal` is aborted;
 * does nothing without it.
 * @throws PlimsollError `anchor-relative` (input), at once: this program runs in another folder than whoever set it.
 */
export function openAnchoring(
  env: Readonly<Record<string, string | undefined>>,
  store: Pick<StoreReader, 'chainHead'>,
  log: Pick<FastifyBaseLogger, 'error'>,
  signal: AbortSignal,
): Promise<void> {
  const file = env['PLIMSOLL_AUDIT_ANCHOR'] ?? '';
  if (file === '') return Promise.resolve();
  if (!path.isAbsolute(file)) throw anchorRelative(file);
  const tell = (err: unknown): void => {
    log.error({ err, file }, 'the newest hash of the history could not be anchored');
  };
  return keepAnchored({ store, clock: systemClock, file, tell }, signal);
}

function anchorRelative(file: string): PlimsollError {
  return new PlimsollError({
    code: 'anchor-relative',
    category: 'input',
    message: `PLIMSOLL_AUDIT_ANCHOR is ${file.slice(0, 200)}, which is no whole path`,
    next: 'export PLIMSOLL_AUDIT_ANCHOR=/mnt/elsewhere/plimsoll.anchors',
  });
}
