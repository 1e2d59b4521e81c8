import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { makeProcessTable } from '../src/adapters/processes/process-table/this-machine.ts';
import type { StoredEvent } from '../src/core/records/event.ts';
import type { ServiceView } from '../src/schemas/view/view.ts';
import { ownWords } from '../src/testing/rigs/own-program.ts';

export const repositoryFolder = path.resolve(import.meta.dirname, '..');

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface UserProjectOptions {
  /** Path relative to the project's folder to content. */
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  /** What `plimsoll` is; this repository's own program unless given. */
  readonly command?: readonly string[];
  /** Folders that are searched for programs before all others. */
  readonly path?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

interface Addresses {
  readonly gatewayUrl: string;
  readonly pageUrl: string;
}

interface RunningUp {
  readonly process: ChildProcess;
  /** Null until gateway and control plane answer. */
  addresses: Addresses | null;
}

/** A project in a folder of its own, driven as a user would: by command lines and HTTP. */
export class UserProject {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-project-'));
  readonly #command: readonly string[];
  readonly #env: NodeJS.ProcessEnv;
  #up: RunningUp | null = null;

  constructor(options: UserProjectOptions) {
    this.#command = options.command ?? ownWords;
    this.#env = { ...userEnvironment(options.path ?? []), ...options.env };
    for (const [name, content] of Object.entries(options.files)) this.write(name, content);
  }

  /** Of `plimsoll up`; 0 while it does not run. */
  get upPid(): number {
    return this.#up?.process.pid ?? 0;
  }

  get stateFolder(): string {
    return path.join(this.folder, '.plimsoll');
  }

  get gatewayUrl(): string {
    return this.#answering().gatewayUrl;
  }

  get pageUrl(): string {
    return this.#answering().pageUrl;
  }

  /** Runs commands here with more variables. */
  with(env: Readonly<Record<string, string>>): Pick<UserProject, 'plimsoll'> {
    const [file = '', ...first] = this.#command;
    return { plimsoll: (...words) => runProgram(file, [...first, ...words], this.folder, { ...this.#env, ...env }) };
  }

  write(name: string, content: string | Uint8Array): void {
    const file = path.join(this.folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
  }

  read(name: string): string {
    return readFileSync(path.join(this.folder, name), 'utf8');
  }

  /** Runs `plimsoll WORDS` here, whatever comes of it. */
  async plimsoll(...words: readonly string[]): Promise<Ran> {
    const [file = '', ...first] = this.#command;
    return runProgram(file, [...first, ...words], this.folder, this.#env);
  }

  /** The same for a command that must pass; resolves with what it printed. */
  async passing(...words: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await this.plimsoll(...words);
    if (status !== 0) throw new Error(`plimsoll ${words.join(' ')} exited with ${status}:\n${stdout}${stderr}`);
    return stdout;
  }

  /** Runs `plimsoll up` on free ports unless told otherwise; resolves once gateway and control plane answer. */
  async up(...options: readonly string[]): Promise<void> {
    const [file = '', ...first] = this.#command;
    const listen = options.includes('--listen') ? [] : ['--listen', '127.0.0.1:0'];
    const words = [...first, 'up', ...listen, '--gateway-listen', '127.0.0.1:0', ...options];
    const child = spawn(file, words, { cwd: this.folder, env: this.#env, stdio: ['ignore', 'pipe', 'pipe'] });
    const running: RunningUp = { process: child, addresses: null };
    this.#up = running;
    running.addresses = await addressesOf(child).catch((thrown: unknown) => {
      this.#up = null;
      throw thrown;
    });
  }

  async view(): Promise<ServiceView> {
    const answer = await fetch(`${this.pageUrl}/v1/view`, { signal: AbortSignal.timeout(30_000) });
    if (!answer.ok) throw new Error(`/v1/view answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as ServiceView;
  }

  /**
   * The newest events of a kind, oldest first: what `plimsoll history --kind` shows, without the start of a program. Waits for
   * a control plane that was killed until it is back.
   */
  async events(kindPrefix: string): Promise<readonly StoredEvent[]> {
    const giveUpMs = performance.now() + 60_000;
    for (;;) {
      try {
        const from = `${this.pageUrl}/v1/events?kindPrefix=${kindPrefix}&last=1000`;
        const answer = await fetch(from, { signal: AbortSignal.timeout(30_000) });
        if (!answer.ok) throw new Error(`/v1/events answered ${answer.status}: ${await answer.text()}`);
        return (await answer.json()) as readonly StoredEvent[];
      } catch (thrown) {
        if (performance.now() > giveUpMs) throw thrown;
        await delay(200);
      }
    }
  }

  /** Stops as Ctrl-C would; resolves with the exit status of `up`, and with how many processes it left behind. */
  async stop(): Promise<{ readonly status: number | null; readonly left: number }> {
    const child = this.#up?.process;
    let status: number | null = null;
    if (child !== undefined) {
      if (child.exitCode === null && child.signalCode === null) {
        const exited = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGINT');
        await exited;
      }
      status = child.exitCode;
    }
    this.#up = null;
    const left = makeProcessTable().marked({ PLIMSOLL_HOME: this.stateFolder });
    for (const { pid } of left) process.kill(pid, 'SIGKILL');
    return { status, left: left.length };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }

  #answering(): Addresses {
    const addresses = this.#up?.addresses;
    if (addresses === undefined || addresses === null) throw new Error('`plimsoll up` does not run here');
    return addresses;
  }
}

/** Without what a test runner sets; this repository's Node stands before all others, and `searched` before that. */
export function userEnvironment(searched: readonly string[] = []): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(NODE_ENV|VITEST.*|TEST|npm_.*)$/.test(name));
  const folders = [...searched, path.dirname(process.execPath), process.env['PATH'] ?? ''];
  return { ...Object.fromEntries(own), NO_COLOR: '1', PATH: folders.join(path.delimiter) };
}

/** Runs a program to its end. */
export async function runProgram(
  file: string,
  words: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<Ran> {
  const child = spawn(file, words, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => (said[name] += text));
  }
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { status, ...said };
}

/** `up` says on stdout where it answers, once it does: `gateway  http://...` and `page     http://.../`. */
function addressesOf(up: ChildProcess): Promise<Addresses> {
  let [said, complaint] = ['', ''];
  up.stderr?.setEncoding('utf8').on('data', (text: string) => (complaint = `${complaint}${text}`.slice(-5_000)));
  return new Promise((resolve, reject) => {
    up.once('error', reject);
    up.once('exit', (status) => reject(new Error(`\`plimsoll up\` ended with ${status}:\n${complaint}`)));
    up.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const gatewayUrl = /^gateway\s+(\S+)$/m.exec(said)?.[1];
      const pageUrl = /^page\s+(\S+?)\/?$/m.exec(said)?.[1];
      if (gatewayUrl !== undefined && pageUrl !== undefined) resolve({ gatewayUrl, pageUrl });
    });
  });
}
