import type { Kysely } from 'kysely';
import type { Tables } from './tables.ts';

/** What a dialect brings; all else in this folder is the same SQL for every one of them. */
export interface SqlBackend {
  readonly kind: 'sqlite' | 'postgresql';
  /** For people: the file, or the server and database without its password. */
  readonly location: string;
  /** Sees what is committed, and does not wait for a transaction that is under way. */
  readonly read: Kysely<Tables>;
  /** Transactions on it take the write lock as they begin, waiting for a bounded time. */
  readonly write: Kysely<Tables>;
  /** One view of what is committed now, for as long as `work` takes, on a connection of its own. It holds up no writer. */
  snapshot<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T>;
  hasTable(db: Kysely<Tables>, table: string): Promise<boolean>;
  /** Called first in the migrating transaction, where `write` alone does not serialize it. */
  lockForMigration(tx: Kysely<Tables>): Promise<void>;
  /** Problems in words, none when sound. */
  integrityProblems(): Promise<readonly string[]>;
  /** As `Store.astray`. */
  astray(): Promise<string | null>;
  close(): Promise<void>;
}
