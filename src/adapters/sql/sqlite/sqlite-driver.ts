import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { CompiledQuery, DatabaseConnection, Driver, QueryResult } from 'kysely';
import type { Clock } from '../../../ports/process/clock.ts';
import { isBusy, sqliteError } from './sqlite-errors.ts';

export interface SqliteConnectionOptions {
  readonly file: string;
  readonly clock: Clock;
  /** How long to wait for a lock of another process, without holding up the event loop. */
  readonly lockWaitMs: number;
  /** Transactions read one view of the file, from their first read on, and take no lock of writers. */
  readonly readsOnly?: true;
}

/** Prepared statements kept for use again. */
const statementsAtMost = 200;
const lockPollMs = 10;

/**
 * `node:sqlite` as a Kysely driver over one connection. Kysely itself hands that connection to one user at a time (the
 * adapter says that there is only one), which is the mutex around transactions.
 */
export class SqliteDriver implements Driver {
  readonly #database: DatabaseSync;
  readonly #options: SqliteConnectionOptions;
  readonly #statements = new Map<string, StatementSync>();
  readonly #connection: DatabaseConnection = {
    executeQuery: <R>(query: CompiledQuery) => this.#run<R>(query),
    streamQuery: () => {
      throw new Error('this driver does not stream: every query of the store is bounded');
    },
  };

  constructor(database: DatabaseSync, options: SqliteConnectionOptions) {
    this.#database = database;
    this.#options = options;
  }

  init(): Promise<void> {
    return Promise.resolve();
  }
  acquireConnection(): Promise<DatabaseConnection> {
    return Promise.resolve(this.#connection);
  }
  /** IMMEDIATE takes the write lock now: a later upgrade of a read lock could fail without a wait being any use. */
  async beginTransaction(): Promise<void> {
    const text = this.#options.readsOnly === true ? 'begin' : 'begin immediate';
    await this.#waiting(() => this.#database.exec(text));
  }
  async commitTransaction(): Promise<void> {
    await this.#waiting(() => this.#database.exec('commit'));
  }
  /** SQLite has already rolled back by itself after some errors (a full disk, for one). */
  rollbackTransaction(): Promise<void> {
    if (this.#database.isTransaction) this.#database.exec('rollback');
    return Promise.resolve();
  }
  releaseConnection(): Promise<void> {
    return Promise.resolve();
  }
  destroy(): Promise<void> {
    this.#statements.clear();
    this.#database.close();
    return Promise.resolve();
  }

  async #run<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    return this.#waiting(() => {
      const statement = this.#prepared(query.sql);
      const parameters = query.parameters as SQLInputValue[];
      if (statement.columns().length > 0) return { rows: statement.all(...parameters) as R[] };
      const { changes, lastInsertRowid } = statement.run(...parameters);
      return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
    });
  }

  #prepared(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    if (this.#statements.size >= statementsAtMost) this.#statements.clear();
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  /** SQLite's own busy handler would sleep on the event loop, so that the waiting happens here. */
  async #waiting<T>(work: () => T): Promise<T> {
    const { clock, lockWaitMs, file } = this.#options;
    const startMs = clock.monotonicMs();
    for (;;) {
      try {
        return work();
      } catch (thrown) {
        const waitedMs = clock.monotonicMs() - startMs;
        if (!isBusy(thrown) || waitedMs >= lockWaitMs) throw sqliteError(thrown, file, waitedMs);
        await clock.sleep(lockPollMs);
      }
    }
  }
}
