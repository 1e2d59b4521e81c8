import type { Driver } from 'kysely';
import type { DatabaseAddress } from './database-url.ts';
import type { PostgresBounds } from './postgres-bounds.ts';
import { PostgresConnection } from './postgres-connection.ts';

/** Of the advisory lock that every writing transaction takes: "PLIMSOLL" in ASCII, folded to 32 bits. */
const writersLock = 0x504c494d;

/**
 * A bounded pool of connections as a Kysely driver; who finds none free waits in line. A transaction takes the store's one
 * advisory lock as its first statement, as `begin immediate` does in SQLite: transactions follow one another, whoever
 * begins them. READ COMMITTED is what makes that enough: each statement after the lock sees all that was committed before
 * it was taken, where a snapshot of the whole transaction would be older than the lock.
 */
export class PostgresDriver implements Driver {
  readonly #idle: PostgresConnection[] = [];
  readonly #all: readonly PostgresConnection[];
  readonly #waiting: ((connection: PostgresConnection) => void)[] = [];

  readonly #readsOnly: boolean;

  /** @param readsOnly each transaction reads one view of the database, and takes no lock of writers. */
  constructor(address: DatabaseAddress, bounds: PostgresBounds, connectionsAtMost: number, readsOnly = false) {
    this.#readsOnly = readsOnly;
    this.#all = Array.from({ length: connectionsAtMost }, () => new PostgresConnection(address, bounds));
    this.#idle.push(...this.#all);
  }

  init(): Promise<void> {
    return Promise.resolve();
  }

  /** Never rejects: a connection is made by its first statement. */
  acquireConnection(): Promise<PostgresConnection> {
    const free = this.#idle.pop();
    return free === undefined ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve(free);
  }

  releaseConnection(connection: PostgresConnection): Promise<void> {
    const next = this.#waiting.shift();
    if (next === undefined) this.#idle.push(connection);
    else next(connection);
    return Promise.resolve();
  }

  async beginTransaction(connection: PostgresConnection): Promise<void> {
    if (this.#readsOnly) return connection.enterTransaction('begin isolation level repeatable read read only');
    await connection.enterTransaction('begin isolation level read committed');
    try {
      await connection.run('select pg_advisory_xact_lock($1)', [writersLock], 'query');
    } catch (thrown) {
      await this.rollbackTransaction(connection);
      throw thrown;
    }
  }

  async commitTransaction(connection: PostgresConnection): Promise<void> {
    const { command } = await connection.run('commit', [], 'commit');
    connection.leaveTransaction();
    // A statement failed and its error was swallowed: the server then answers COMMIT by rolling back.
    if (command === 'ROLLBACK') throw new Error('the transaction had failed before it was committed');
  }

  /** One that cannot be rolled back in words is rolled back by leaving. */
  async rollbackTransaction(connection: PostgresConnection): Promise<void> {
    await connection.run('rollback', [], 'query').catch(() => {
      connection.discard();
    });
    connection.leaveTransaction();
  }

  async destroy(): Promise<void> {
    await Promise.all(this.#all.map((connection) => connection.close()));
  }
}
