import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { makeFileBlobs } from '../../adapters/files/blobs.ts';
import { writeDurably } from '../../adapters/files/write-durably.ts';
import { LocalPlatform, type LocalPlatformOptions } from '../../adapters/processes/local-platform.ts';
import { makeProcessIdentity } from '../../adapters/processes/process-table/process-identity.ts';
import { makeProcessTable } from '../../adapters/processes/process-table/this-machine.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import { systemRandom } from '../../adapters/system/random.ts';
import { digestOf } from '../../core/units/digest.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { Workload } from '../../ports/serving/platform.ts';
import type { PlatformFixture, ReplicaBehaviour } from '../contracts/platform-contract.ts';
import { bundleProgram } from './bundled-program.ts';
import type { ServerScript } from './programs/scripted-server.ts';

const scriptedServer = bundleProgram(path.join(import.meta.dirname, 'programs/scripted-server.ts'));

export interface LocalFixture extends PlatformFixture {
  readonly platform: LocalPlatform;
  readonly stateFolder: string;
  readonly blobs: Blobs;
  /** Another platform on the same state folder, beside the first. */
  beside(more?: Partial<LocalPlatformOptions>): LocalPlatform;
}

/** The local platform in a folder of its own, with short waits. Closing it kills what it left. */
export async function openLocalFixture(options: Partial<LocalPlatformOptions> = {}): Promise<LocalFixture> {
  const stateFolder = await mkdtemp(path.join(tmpdir(), 'plimsoll-local-'));
  const blobs = makeFileBlobs({
    folder: path.join(stateFolder, 'blobs'),
    identity: makeProcessIdentity(),
    clock: systemClock,
    random: systemRandom,
  });
  const opened: LocalPlatform[] = [];
  const beside = (more: Partial<LocalPlatformOptions> = {}): LocalPlatform => {
    const platform = new LocalPlatform({
      stateFolder,
      blobs,
      clock: systemClock,
      random: systemRandom,
      writeDurably,
      ownCommand: [process.execPath, scriptedServer],
      environment: process.env,
      restart: { firstDelayMs: 100, maxDelayMs: 1_000, resetAfterReadyMs: 2_000 },
      timing: { startingPollMs: 10, readyPollMs: 50, adoptedPollMs: 20, probeTimeoutMs: 1_000 },
      ...options,
      ...more,
    });
    opened.push(platform);
    return platform;
  };
  const platform = beside();
  return {
    platform,
    stateFolder,
    blobs,
    beside,
    workload: (behaviour) => scriptedWorkload(scriptOf(behaviour)),
    pass: () => delay(25),
    async reopen() {
      await Promise.all(opened.map((each) => each.close()));
      return beside();
    },
    kill: (replica) => Promise.resolve(void process.kill(replica.pid ?? 0, 'SIGKILL')),
    async close() {
      await Promise.all(opened.map((each) => each.close()));
      for (const { pid } of makeProcessTable().marked({ PLIMSOLL_HOME: stateFolder })) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // It ended by itself in between.
        }
      }
      await rm(stateFolder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    },
  };
}

/** A replica that is `src/testing/rigs/programs/scripted-server.ts`. */
export function scriptedWorkload(script: ServerScript, more: Partial<Workload> = {}): Workload {
  return {
    command: ['plimsoll', JSON.stringify(script)],
    args: [],
    env: {},
    secrets: {},
    protocol: 'open-inference-v2',
    codeFiles: [],
    model: { name: 'digits', version: 1, digest: digestOf('model'), files: [] },
    devices: 1,
    ...more,
  };
}

export function scriptOf(behaviour: ReplicaBehaviour): ServerScript {
  switch (behaviour.kind) {
    case 'ready':
      return {
        readyAfterMs: behaviour.afterMs ?? 0,
        drainMs: behaviour.drainMs ?? 0,
        ignoreSigterm: behaviour.ignoresStop ?? false,
      };
    case 'never-ready':
      return { readyAfterMs: null };
    case 'exits':
      return { exit: { afterMs: 0, status: behaviour.status } };
  }
}
