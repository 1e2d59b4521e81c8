import pg from 'pg';
import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely';
import { PlimsollError } from '../../../core/units/errors.ts';
import type { DatabaseAddress } from './database-url.ts';
import type { PostgresBounds } from './postgres-bounds.ts';
import { isLost, postgresError, type Doing } from './postgres-errors.ts';
import { makeTlsOptions } from './postgres-tls.ts';

/** What the server's own timeouts may be late by, before the connection counts as dead. */
const graceMs = 2_000;

/** 64-bit integers as numbers. @throws PlimsollError `store-corrupt` above 2^53, where a number is not exact. */
export function parseInt8(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw new PlimsollError({
    code: 'store-corrupt',
    category: 'corrupt',
    message: `the store holds the integer ${text}, and no count or time of Plimsoll is that large`,
    next: 'bring back a backup of the database',
  });
}

const int8Oid = 20;
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text') =>
    oid === int8Oid
      ? parseInt8
      : (pg.types.getTypeParser(oid, format) as unknown)) as pg.CustomTypesConfig['getTypeParser'],
};

/**
 * One connection, made when it is first used and made again after it broke, until it is closed. What it throws is of our
 * family; a broken one is never used again, so that no answer of an earlier statement is taken for that of a later one.
 */
export class PostgresConnection implements DatabaseConnection {
  readonly #address: DatabaseAddress;
  readonly #bounds: PostgresBounds;
  #client: pg.Client | null = null;
  #inTransaction = false;
  #isClosed = false;

  constructor(address: DatabaseAddress, bounds: PostgresBounds) {
    this.#address = address;
    this.#bounds = bounds;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const result = await this.run(query.sql, query.parameters, 'query');
    const count = result.rowCount;
    return {
      rows: result.rows as R[],
      ...(count === null || result.command === 'SELECT' ? {} : { numAffectedRows: BigInt(count) }),
    };
  }

  streamQuery(): never {
    throw new Error('this driver does not stream: every query of the store is bounded');
  }

  /** From here to `leaveTransaction` a connection that broke is not made again: its transaction went with it. */
  async enterTransaction(text: string): Promise<void> {
    await this.run(text, [], 'query');
    this.#inTransaction = true;
  }

  leaveTransaction(): void {
    this.#inTransaction = false;
  }

  async run(text: string, values: readonly unknown[], doing: Doing): Promise<pg.QueryResult<object>> {
    if (this.#client === null && this.#inTransaction) {
      throw postgresError(
        new Error('Connection terminated in a transaction, which is rolled back'),
        this.#address,
        'query',
      );
    }
    const client = this.#client ?? (await this.#connect());
    try {
      return await this.#bounded(client, client.query(text, [...values]));
    } catch (thrown) {
      if (isLost(thrown)) this.discard();
      throw postgresError(thrown, this.#address, doing);
    }
  }

  /** Drops the connection without a word; the server then rolls back whatever it had begun. */
  discard(): void {
    const client = this.#client;
    this.#client = null;
    if (client !== null) destroy(client);
  }

  /** For good: a connection that a statement still made afterwards would keep its process from ending. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const client = this.#client;
    this.#client = null;
    if (client === null) return;
    const ended = client.end().catch(() => undefined);
    await this.#bounded(client, ended).catch(() => undefined);
  }

  async #connect(): Promise<pg.Client> {
    if (this.#isClosed) throw this.#closedError();
    const { host, port, database, user, password } = this.#address;
    const ssl = await makeTlsOptions(this.#address);
    const client = new pg.Client({
      host,
      port,
      database,
      user,
      // Never PGPASSWORD or a password file: where it comes from is written in one place.
      password: password ?? '',
      ssl,
      connectionTimeoutMillis: this.#bounds.connectTimeoutMs,
      keepAlive: true,
      application_name: 'plimsoll',
      types,
    });
    // A connection that breaks while nobody uses it must not end the process.
    client.on('error', () => {
      if (this.#client === client) this.#client = null;
    });
    try {
      await client.connect();
      await this.#bounded(client, this.#setUp(client));
    } catch (thrown) {
      destroy(client);
      throw postgresError(thrown, this.#address, 'connect');
    }
    if (this.#isClosed) {
      destroy(client);
      throw this.#closedError();
    }
    this.#client = client;
    return client;
  }

  #closedError(): unknown {
    return postgresError(new Error('Connection terminated: the store was closed'), this.#address, 'query');
  }

  async #setUp(client: pg.Client): Promise<void> {
    const { lockTimeoutMs, statementTimeoutMs, idleInTransactionTimeoutMs } = this.#bounds;
    // What was committed must survive a power cut of the server, also where its default says otherwise.
    const { rows } = await client.query<{ encoding: string }>(
      `select set_config('lock_timeout', $1, false), set_config('statement_timeout', $2, false),
         set_config('idle_in_transaction_session_timeout', $3, false),
         case when current_setting('synchronous_commit') = 'off' then set_config('synchronous_commit', 'on', false) end,
         current_setting('server_encoding') as encoding`,
      [lockTimeoutMs, statementTimeoutMs, idleInTransactionTimeoutMs].map(String),
    );
    const encoding = rows[0]?.encoding;
    if (encoding !== 'UTF8') throw wrongEncoding(this.#address, String(encoding));
  }

  /** A server that is cut off answers nothing, and says nothing either. */
  async #bounded<T>(client: pg.Client, work: Promise<T>): Promise<T> {
    const limitMs = this.#bounds.statementTimeoutMs + graceMs;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`no answer within ${limitMs} ms`));
        destroy(client);
      }, limitMs);
    });
    work.catch(() => undefined);
    return Promise.race([work, late]).finally(() => {
      clearTimeout(timer);
    });
  }
}

function destroy(client: pg.Client): void {
  client.on('error', () => undefined);
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
}

function wrongEncoding(address: DatabaseAddress, encoding: string): PlimsollError {
  return new PlimsollError({
    code: 'store-encoding',
    category: 'unavailable',
    message: `the database ${address.shown} has the encoding ${encoding}, and names and reasons are any text`,
    next: 'make one with: createdb --encoding=UTF8 --template=template0 NAME',
    details: { location: address.shown, encoding },
  });
}
