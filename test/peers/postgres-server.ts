import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { findSteadyPort } from '../steady-port.ts';

const installed = '/usr/lib/postgresql';
const versions = existsSync(installed)
  ? readdirSync(installed)
      .map(Number)
      .sort((a, b) => b - a)
  : [];
const binaries = versions
  .map((version) => path.join(installed, String(version), 'bin'))
  .find((folder) => existsSync(path.join(folder, 'initdb')));

/** Why there is no PostgreSQL to try things on; null when there is one. */
export const missingPostgres =
  binaries === undefined ? `no initdb below ${installed} (apt-get install postgresql)` : null;

export const password = 'pass word/%:@';

/** A PostgreSQL of Debian on loopback with a cluster of its own in a temporary folder; who runs it is never root. */
export class PostgresServer {
  readonly folder: string;
  readonly port: number;
  #databases = 0;

  private constructor(folder: string, port: number) {
    this.folder = folder;
    this.port = port;
  }

  /** It flushes nothing to the disk unless `settings` turn `fsync` on: no test but that of a crash asks what a disk holds. */
  static async start(settings: readonly string[] = []): Promise<PostgresServer> {
    const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-postgres-'));
    const passwords = path.join(folder, 'password');
    writeFileSync(passwords, password);
    chmodSync(folder, 0o755);
    const account = accountOf('postgres');
    if (account !== null) for (const file of [folder, passwords]) chownSync(file, account.uid, account.gid);
    const server = new PostgresServer(folder, await findSteadyPort());
    server.#program(
      'initdb',
      '-D',
      server.data,
      '-U',
      'plimsoll',
      '--encoding=UTF8',
      '--locale=C',
      '-A',
      'scram-sha-256',
      '--pwfile',
      passwords,
      '--no-sync',
    );
    writeFileSync(
      path.join(server.data, 'postgresql.auto.conf'),
      [
        `port = ${server.port}`,
        "listen_addresses = '127.0.0.1'",
        `unix_socket_directories = '${folder}'`,
        'fsync = off',
        ...settings,
      ].join('\n'),
    );
    server.begin();
    return server;
  }

  get data(): string {
    return path.join(this.folder, 'data');
  }

  /** With its password; the password needs its percent signs. */
  url(database: string, user = 'plimsoll', secret = password): string {
    return `postgresql://${user}:${encodeURIComponent(secret)}@127.0.0.1:${this.port}/${database}`;
  }

  shown(database: string): string {
    return `postgresql://plimsoll@127.0.0.1:${this.port}/${database}`;
  }

  begin(): void {
    this.#program('pg_ctl', '-D', this.data, '-w', '-t', '60', '-l', path.join(this.folder, 'log'), 'start');
  }

  /** `immediate` is a crash: nothing is written out, and what was committed must come from the log. */
  halt(mode: 'fast' | 'immediate' = 'fast'): void {
    this.#program('pg_ctl', '-D', this.data, '-w', '-t', '60', '-m', mode, 'stop');
  }

  /** Empty, or with what another database holds that nobody is connected to. */
  async newDatabase(copyOf = 'template1'): Promise<string> {
    const name = `db_${(this.#databases += 1)}`;
    await this.ask(`create database ${name} template ${copyOf}`);
    return name;
  }

  async ask(text: string, database = 'postgres'): Promise<readonly Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString: this.url(database) });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(text)).rows;
    } finally {
      await client.end();
    }
  }

  remove(): void {
    this.#run('pg_ctl', '-D', this.data, '-w', '-m', 'immediate', 'stop');
    rmSync(this.folder, { recursive: true, force: true });
  }

  #program(name: string, ...args: readonly string[]): void {
    const run = this.#run(name, ...args);
    if (run.status !== 0) throw new Error(`${name} ended with ${run.status}: ${run.stderr}${run.stdout}`);
  }

  #run(name: string, ...args: readonly string[]) {
    const line = [path.join(binaries ?? '', name), ...args];
    const account = accountOf('postgres');
    const [file = '', ...rest] =
      account === null
        ? line
        : ['setpriv', `--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups', '--', ...line];
    return spawnSync(file, rest, {
      encoding: 'utf8',
      cwd: '/',
      timeout: 120_000,
      stdio: ['ignore', name === 'pg_ctl' ? 'ignore' : 'pipe', 'pipe'],
    });
  }
}

/** Null when we are not root: then the server runs as who we are. */
function accountOf(name: string): { readonly uid: number; readonly gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  const id = (flag: string): number => Number(spawnSync('id', [flag, name], { encoding: 'utf8' }).stdout);
  return { uid: id('-u'), gid: id('-g') };
}
