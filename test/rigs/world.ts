import { spawn } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { StoredEvent } from '../../src/core/records/event.ts';
import type { ReleaseAnswer } from '../../src/schemas/http/operations.ts';
import { isRouted } from '../../src/prove/drill/await-release.ts';
import { ownProgram } from '../../src/testing/rigs/own-program.ts';
import type { ReplicaView, ServiceView } from '../../src/schemas/view/view.ts';
import { findSteadyPort } from '../steady-port.ts';
import { RunningUp } from './running-up.ts';
import type { TinyModel } from './tiny-model.ts';

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
export class World extends RunningUp {
  readonly replicas: number;
  readonly #keepPreviousMs: number;

  private constructor(folder: string, pagePort: number, gatewayPort: number, options: WorldOptions) {
    super({ folder, pagePort, gatewayPort, env: options.env ?? {}, patienceMs: 90_000 });
    this.replicas = options.replicas;
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

  /**
   * Releases the model; resolves once all replicas serve it.
   *
   * @param rollout as a contract writes it
   */
  async release(model: TinyModel, rollout: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const request = await this.makeRelease('tiny', model, {
      scaling: { replicas: { min: this.replicas, max: this.replicas } },
      rollout: { keepPrevious: `${this.#keepPreviousMs / 1_000}s`, ...rollout },
    });
    const { release } = (await this.post('/v1/releases', request)) as ReleaseAnswer;
    const version = release?.model.version ?? NaN;
    await this.untilLive(`model version ${version} serves`, version);
  }

  /** The version serves on all its replicas, and every gateway routes to it; another one may still be kept warm beside it. */
  async untilLive(what: string, version: number): Promise<void> {
    await this.until(
      what,
      async () => {
        const view = await this.tryView();
        if (view?.deployment?.phase === 'failed') throw new Error(`the release failed: ${view.deployment.reason}`);
        const serving = view?.replicas.filter(
          (each) => each.admitted && each.state === 'ready' && each.modelVersion === version,
        );
        // The gateway starts beside the control plane, and may be the later one of the two.
        return view?.deployment?.phase === 'live' && serving?.length === this.replicas && isRouted(view);
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
    return this.read<ServiceView>('/v1/view').catch(() => null);
  }

  async events(afterSeq = 0): Promise<readonly StoredEvent[]> {
    const all: StoredEvent[] = [];
    for (;;) {
      const after = all.at(-1)?.seq ?? afterSeq;
      const page = await this.read<StoredEvent[]>('/v1/events', { afterSeq: String(after), limit: '1000' });
      all.push(...page);
      if (page.length < 1000) return all;
    }
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
}
