import { spawn, type ChildProcess } from 'node:child_process';
import { openSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { makeFileBlobs } from '../../src/adapters/files/blobs.ts';
import { makeProcessIdentity } from '../../src/adapters/processes/process-table/process-identity.ts';
import { readToken, startTokenFile } from '../../src/adapters/http-control/run-files.ts';
import { programsOf } from '../../src/adapters/processes/process-table/programs-of.ts';
import { makeProcessTable } from '../../src/adapters/processes/process-table/this-machine.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { systemRandom } from '../../src/adapters/system/random.ts';
import { machineFacts } from '../../src/adapters/system/machine.ts';
import type { StoredEvent } from '../../src/core/records/event.ts';
import type { ReleaseAnswer } from '../../src/schemas/http/operations.ts';
import { aReleaseRequest } from '../../src/testing/builders/release-fixture.ts';
import { ownProgram } from '../../src/testing/rigs/own-program.ts';
import type { ReplicaView, ServiceView } from '../../src/schemas/view/view.ts';
import { findSteadyPort } from '../steady-port.ts';
import type { TinyModel } from './tiny-model.ts';

const table = makeProcessTable();

const contract = (replicas: number): string => `apiVersion: plimsoll.dev/v1
service: tiny
code: { command: [ownProgram, serve-model] }
model: { name: tiny, version: "1" }
scaling: { signal: queue-depth, replicas: { min: ${replicas}, max: ${replicas} } }
`;

export interface WorldOptions {
  readonly replicas: number;
  /** For `up` and what it starts. */
  readonly env?: Readonly<Record<string, string>>;
  /** How long a release that was left stays warm; 0 when not given. */
  readonly keepPreviousMs?: number;
}

/** A whole Plimsoll on this machine, in a folder of its own, started as a user would: by `plimsoll up`. */
export class World {
  readonly folder: string;
  readonly replicas: number;
  readonly pageUrl: string;
  readonly gatewayUrl: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #keepPreviousMs: number;
  #up: ChildProcess | null = null;

  private constructor(folder: string, pagePort: number, gatewayPort: number, options: WorldOptions) {
    this.folder = folder;
    this.replicas = options.replicas;
    this.pageUrl = `http://127.0.0.1:${pagePort}`;
    this.gatewayUrl = `http://127.0.0.1:${gatewayPort}`;
    this.#env = options.env ?? {};
    this.#keepPreviousMs = options.keepPreviousMs ?? 0;
  }

  static async open(options: WorldOptions): Promise<World> {
    const folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-faults-'));
    await writeFile(path.join(folder, 'plimsoll.yaml'), contract(options.replicas));
    const page = await findSteadyPort();
    const world = new World(folder, page, await findSteadyPort(), options);
    world.startUp();
    await world.until('the control plane answers', async () => (await world.tryView()) !== null);
    return world;
  }

  get stateFolder(): string {
    return path.join(this.folder, '.plimsoll');
  }

  get upPid(): number {
    return this.#up?.pid ?? 0;
  }

  /** Runs `plimsoll up`; its words go to `up.log`. */
  startUp(): void {
    const log = openSync(path.join(this.folder, 'up.log'), 'a');
    this.#up = spawn(process.execPath, [ownProgram, 'up', ...this.listenOptions()], {
      cwd: this.folder,
      env: { ...process.env, ...this.#env },
      stdio: ['ignore', log, log],
    });
  }

  listenOptions(): readonly string[] {
    return ['--listen', new URL(this.pageUrl).host, '--gateway-listen', new URL(this.gatewayUrl).host];
  }

  upLog(): Promise<string> {
    return readFile(path.join(this.folder, 'up.log'), 'utf8');
  }

  /** Runs another command line of Plimsoll in this folder. */
  async command(...args: readonly string[]): Promise<{ readonly status: number | null; readonly stderr: string }> {
    return this.interrupted(null, ...args);
  }

  /** The same, ended by Ctrl-C as soon as it says this. */
  async interrupted(
    once: string | null,
    ...args: readonly string[]
  ): Promise<{ readonly status: number | null; readonly stderr: string }> {
    const child = spawn(process.execPath, [ownProgram, ...args], {
      cwd: this.folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    let isEnded = once === null;
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
      if (isEnded || once === null || !stderr.includes(once)) return;
      isEnded = true;
      child.kill('SIGINT');
    });
    const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return { status, stderr };
  }

  programPid(name: 'gateway' | 'control-plane'): number | null {
    return programsOf(this.stateFolder, name, table)[0]?.pid ?? null;
  }

  /**
   * Releases the model; resolves once all replicas serve it.
   *
   * @param rollout as a contract writes it
   */
  async release(model: TinyModel, rollout: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const blobs = makeFileBlobs({
      folder: path.join(this.stateFolder, 'blobs'),
      identity: makeProcessIdentity(),
      clock: systemClock,
      random: systemRandom,
    });
    await blobs.put(model.bytes);
    const { name, digest, file, signature } = model;
    const request = await aReleaseRequest(blobs, 1, {
      service: 'tiny',
      contract: {
        code: { command: ['plimsoll', 'serve-model'] },
        scaling: { replicas: { min: this.replicas, max: this.replicas } },
        rollout: { keepPrevious: `${this.#keepPreviousMs / 1_000}s`, ...rollout },
      },
      model: { name, version: 1, digest, format: 'onnx', files: [file], signature },
      goldenSet: model.golden(),
      machine: machineFacts(),
      waivers: [{ kind: 'rollback', reason: 'the test drills nothing', untilMs: 1e13 }],
    });
    const { release } = (await this.post('/v1/releases', request)) as ReleaseAnswer;
    const version = release?.model.version ?? NaN;
    await this.untilLive(`model version ${version} serves`, version);
  }

  /** The version serves on all its replicas; another one may still be kept warm beside it. */
  async untilLive(what: string, version: number): Promise<void> {
    await this.until(
      what,
      async () => {
        const view = await this.tryView();
        if (view?.deployment?.phase === 'failed') throw new Error(`the release failed: ${view.deployment.reason}`);
        const serving = view?.replicas.filter(
          (each) => each.admitted && each.state === 'ready' && each.modelVersion === version,
        );
        return view?.deployment?.phase === 'live' && serving?.length === this.replicas;
      },
      600_000,
    );
  }

  /** All replicas are admitted, of this version when one is given, and none is on its way out. */
  async untilServing(what: string, version?: number): Promise<readonly ReplicaView[]> {
    let replicas: readonly ReplicaView[] = [];
    await this.until(what, async () => {
      const view = await this.tryView();
      if (view === null || view.deployment?.phase === 'failed') {
        if (view !== null) throw new Error(`the release failed: ${view.deployment?.reason}`);
        return false;
      }
      replicas = view.replicas;
      const serving = replicas.filter(
        (each) => each.admitted && each.state === 'ready' && (version === undefined || each.modelVersion === version),
      );
      return view.deployment?.phase === 'live' && serving.length === this.replicas && this.#noOthers(replicas);
    });
    return replicas;
  }

  /** Those of a release that is kept warm may stay. */
  #noOthers(replicas: readonly ReplicaView[]): boolean {
    return this.#keepPreviousMs > 0 || replicas.length === this.replicas;
  }

  async tryView(): Promise<ServiceView | null> {
    try {
      const answer = await fetch(`${this.pageUrl}/v1/view`, { signal: AbortSignal.timeout(5_000) });
      return answer.ok ? ((await answer.json()) as ServiceView) : null;
    } catch {
      return null;
    }
  }

  async gatewayReady(): Promise<boolean> {
    try {
      return (await fetch(`${this.gatewayUrl}/plimsoll/ready`, { signal: AbortSignal.timeout(2_000) })).ok;
    } catch {
      return false;
    }
  }

  async events(afterSeq = 0): Promise<readonly StoredEvent[]> {
    const all: StoredEvent[] = [];
    for (;;) {
      const after = all.at(-1)?.seq ?? afterSeq;
      const page = (await (
        await fetch(`${this.pageUrl}/v1/events?afterSeq=${after}&limit=1000`)
      ).json()) as StoredEvent[];
      all.push(...page);
      if (page.length < 1000) return all;
    }
  }

  /** That of the control plane's start, as the command line finds it. */
  async credential(): Promise<Readonly<Record<string, string>>> {
    const token = await readToken(startTokenFile(this.stateFolder));
    return token === null ? {} : { authorization: `Bearer ${token}` };
  }

  /** The answer of a call that must succeed. */
  async post(route: string, body: unknown): Promise<unknown> {
    const answer = await fetch(this.pageUrl + route, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(await this.credential()) },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(20_000),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`POST ${route} answered ${answer.status}: ${text}`);
    return text === '' ? null : JSON.parse(text);
  }

  /** What SQLite itself says of the store, read beside the control plane. */
  integrity(): readonly string[] {
    const database = new DatabaseSync(path.join(this.stateFolder, 'store.sqlite'), { readOnly: true, timeout: 10_000 });
    try {
      const rows = database.prepare('PRAGMA integrity_check').all();
      return rows.map((row) => String(row['integrity_check']));
    } finally {
      database.close();
    }
  }

  async until(what: string, holds: () => Promise<boolean> | boolean, timeoutMs = 90_000): Promise<void> {
    const giveUpMs = performance.now() + timeoutMs;
    while (!(await holds())) {
      if (performance.now() > giveUpMs) {
        throw new Error(
          `${what} did not come about in ${timeoutMs} ms; up said:\n${(await this.upLog()).slice(-3_000)}`,
        );
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
