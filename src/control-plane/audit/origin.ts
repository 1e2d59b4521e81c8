import { AsyncLocalStorage } from 'node:async_hooks';
import type { CiIdentity } from '../../core/access/identity.ts';
import type { NewEvent } from '../../core/records/event.ts';
import type { StoreWriter } from '../../ports/records/store.ts';

/** Where a request came from. */
export interface Origin {
  readonly host: string;
  /** Of a CI job, what its identity provider says of it. */
  readonly job?: CiIdentity | undefined;
}

const origins = new AsyncLocalStorage<Origin>();

/** Runs work that a request asks for; every event of it tells the host that the request came from. */
export function withOrigin<T>(origin: Origin, work: () => T): T {
  return origins.run(origin, work);
}

/** The CI job that the present work is done for; undefined where it is done for anybody else. */
export const presentJob = (): CiIdentity | undefined => origins.getStore()?.job;

/** The writer of a transaction, whose events tell where the request came from that it is done for. */
export function tellOrigin(tx: StoreWriter): StoreWriter {
  const origin = origins.getStore()?.host;
  if (origin === undefined) return tx;
  const withIt = <Event extends NewEvent>(event: Event): Event => ({ ...event, data: { ...event.data, origin } });
  return { ...tx, appendEvent: (event) => tx.appendEvent(withIt(event)) };
}
