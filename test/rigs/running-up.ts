import { spawn, type ChildProcess } from 'node:child_process';
import { openSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { makeFileBlobs } from '../../src/adapters/files/blobs.ts';
import { readToken, startTokenFile } from '../../src/adapters/http-control/run-files.ts';
import { makeProcessIdentity } from '../../src/adapters/processes/process-table/process-identity.ts';
import { programsOf } from '../../src/adapters/processes/process-table/programs-of.ts';
import { makeProcessTable } from '../../src/adapters/processes/process-table/this-machine.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { machineFacts } from '../../src/adapters/system/node/machine.ts';
import { systemRandom } from '../../src/adapters/system/random.ts';
import { aReleaseRequest } from '../../src/testing/builders/release-fixture.ts';
import { ownProgram } from '../../src/testing/rigs/own-program.ts';
import type { TinyModel } from './tiny-model.ts';

const table = makeProcessTable();

export interface UpOptions {
  /** Where `plimsoll up` runs; removed at the end. */
  readonly folder: string;
  readonly pagePort: number;
  readonly gatewayPort: number;
  /** The folders of the services; none for the one that it runs in. */
  readonly services?: readonly string[];
  /** For `up` and what it starts. */
  readonly env?: Readonly<Record<string, string>>;
  readonly patienceMs: number;
}

/** `plimsoll up` on this machine, in a folder of its own, started as a user would. */
export class RunningUp {
  readonly folder: string;
  readonly pageUrl: string;
  readonly gatewayUrl: string;
  readonly #options: UpOptions;
  #up: ChildProcess | null = null;

  constructor(options: UpOptions) {
    this.folder = options.folder;
    this.pageUrl = `http://127.0.0.1:${options.pagePort}`;
    this.gatewayUrl = `http://127.0.0.1:${options.gatewayPort}`;
    this.#options = options;
  }

  get stateFolder(): string {
    return path.join(this.folder, '.plimsoll');
  }

  get upPid(): number {
    return this.#up?.pid ?? 0;
  }

  /** Its words go to `up.log`. */
  startUp(): void {
    const { services = [], env = {} } = this.#options;
    const log = openSync(path.join(this.folder, 'up.log'), 'a');
    this.#up = spawn(process.execPath, [ownProgram, 'up', ...services, ...this.listenOptions()], {
      cwd: this.folder,
      env: { ...process.env, ...env },
      stdio: ['ignore', log, log],
    });
  }

  listenOptions(): readonly string[] {
    return ['--listen', new URL(this.pageUrl).host, '--gateway-listen', new URL(this.gatewayUrl).host];
  }

  upLog(): Promise<string> {
    return readFile(path.join(this.folder, 'up.log'), 'utf8');
  }

  programPid(name: 'gateway' | 'control-plane'): number | null {
    return programsOf(this.stateFolder, name, table)[0]?.pid ?? null;
  }

  /** A release of a model, its bundle put where the control plane finds it. @param contract keys beside those of every one. */
  async makeRelease(
    service: string,
    model: TinyModel,
    contract: Readonly<Record<string, unknown>>,
  ): ReturnType<typeof aReleaseRequest> {
    const blobs = makeFileBlobs({
      folder: path.join(this.stateFolder, 'blobs'),
      identity: makeProcessIdentity(),
      clock: systemClock,
      random: systemRandom,
    });
    await blobs.put(model.bytes);
    const { name, digest, file, signature } = model;
    return aReleaseRequest(blobs, 1, {
      service,
      contract: { code: { command: ['plimsoll', 'serve-model'] }, ...contract },
      model: { name, version: 1, digest, format: 'onnx', files: [file], signature },
      goldenSet: model.golden(),
      machine: machineFacts(),
      waivers: [{ kind: 'rollback', reason: 'the test drills nothing', untilMs: 1e13 }],
    });
  }

  /** The answer, as JSON. */
  async read<T>(route: string, query: Readonly<Record<string, string>> = {}): Promise<T> {
    const url = `${this.pageUrl}${route}?${new URLSearchParams(query).toString()}`;
    const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
    return (await answer.json()) as T;
  }

  /** That of the control plane's start, as the command line finds it. */
  async credential(): Promise<Readonly<Record<string, string>>> {
    const token = await readToken(startTokenFile(this.stateFolder));
    return token === null ? {} : { authorization: `Bearer ${token}` };
  }

  /** The answer of a call that must succeed. */
  async post(route: string, body: unknown, method: 'POST' | 'PUT' = 'POST'): Promise<unknown> {
    const answer = await fetch(this.pageUrl + route, {
      method,
      headers: { 'content-type': 'application/json', ...(await this.credential()) },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(20_000),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${route} answered ${answer.status}: ${text}`);
    return text === '' ? null : JSON.parse(text);
  }

  async gatewayReady(): Promise<boolean> {
    try {
      return (await fetch(`${this.gatewayUrl}/plimsoll/ready`, { signal: AbortSignal.timeout(2_000) })).ok;
    } catch {
      return false;
    }
  }

  async until(
    what: string,
    holds: () => Promise<boolean> | boolean,
    timeoutMs = this.#options.patienceMs,
  ): Promise<void> {
    const giveUpMs = performance.now() + timeoutMs;
    while (!(await holds())) {
      if (performance.now() > giveUpMs) {
        const said = (await this.upLog()).slice(-3_000);
        throw new Error(`${what} did not come about in ${timeoutMs} ms; up said:\n${said}`);
      }
      await delay(50);
    }
  }

  /** Stops as a user would; resolves with the exit status of `up`, and with what still runs afterwards. */
  async close(): Promise<{ readonly status: number | null; readonly left: number }> {
    const up = this.#up;
    let status: number | null = null;
    if (up !== null && up.exitCode === null && up.signalCode === null) {
      up.kill('SIGTERM');
      status = await new Promise<number | null>((resolve) => up.once('exit', resolve));
    }
    const left = table.marked({ PLIMSOLL_HOME: this.stateFolder });
    for (const { pid } of left) process.kill(pid, 'SIGKILL');
    if (process.env['PLIMSOLL_FAULT_KEEP'] === undefined) {
      await rm(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    }
    return { status, left: left.length };
  }
}

/** Kills and waits until it is certain that the process is gone. */
export async function killNow(pid: number): Promise<void> {
  const identity = table.identity(pid);
  process.kill(pid, 'SIGKILL');
  while (identity !== null && table.identity(pid) === identity) await delay(2);
}
