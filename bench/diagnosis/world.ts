import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { randomBytes } from 'node:crypto';
import { deviceOf, makeGroups, type Groups } from './control-groups.ts';
import { preferred, stopAll, type Stop } from './disturbances.ts';
import type { LoadCounters, LoadSettings } from './load-program.ts';
import type { EngineSettings } from './served-engine.ts';

/** The disk of every run, with a fault and without: as slow as a network volume. A healthy replica reads from memory. */
const diskBytesPerSecond = 10_000_000;
const fileBytes = 32 * 1024 * 1024;
const concurrency = 16;

export interface World {
  readonly folder: string;
  readonly file: string;
  readonly groups: Groups;
  readonly serverPid: number;
  readonly serverPort: number;
  readonly loadPid: number;
  slowUpstream(delayMs: number): Promise<void>;
  /** Stopped at the end of the run, last first. */
  readonly stops: Stop[];
  /** As they are at the moment. */
  settings(): { readonly server: EngineSettings; readonly load: LoadSettings };
  changeServer(change: Partial<EngineSettings>): Promise<void>;
  changeLoad(change: Partial<LoadSettings>): Promise<LoadCounters>;
  loadCounters(): Promise<LoadCounters>;
  serverCounters(): Promise<ServerNumbers>;
  close(): Promise<void>;
}

export interface ServerNumbers {
  readonly requests: number;
  readonly engineMs: number;
  readonly batches: number;
  readonly rows: number;
  readonly rowsAtMost: number;
  readonly phases: Readonly<Record<'receive' | 'preprocess' | 'upstream' | 'batch-wait' | 'run' | 'encode', number>>;
}

/** Starts a replica that is healthy, and its load. Null where control groups cannot be written here. */
export async function startWorld(): Promise<World | null> {
  const groups = makeGroups(`plimsoll-bench-${randomBytes(4).toString('hex')}`);
  if (groups === null) return null;
  const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-diagnosis-'));
  const file = path.join(folder, 'features');
  writeFileSync(file, randomBytes(fileBytes), { flush: true });
  groups.set('blkio', 'blkio.throttle.read_bps_device', `${deviceOf(file)} ${diskBytesPerSecond}`);
  // Of the whole machine nearly all where the replica wants it: neighbours are no fault of the bench.
  groups.set('cpu', 'cpu.shares', '100000');
  const upstream = startProgram('upstream-program.ts', 0, []);
  let engine: EngineSettings = {
    rowsAtMost: 8,
    batchDelayMs: 2,
    preprocessRounds: 200_000,
    encodeRounds: 20_000,
    file,
    isDirect: false,
    isPreloaded: false,
    upstreamPort: Number(await nextMessage(upstream)),
    isUpstreamStubbed: false,
  };
  const server = startProgram('served-engine.ts', engine, groups.procs);
  const serverPort = Number(await nextMessage(server));
  let loadSettings: LoadSettings = { port: serverPort, isPrepared: false, concurrency, answerRounds: 0 };
  const load = startProgram('load-program.ts', loadSettings, []);
  await nextMessage(load);
  const stops: Stop[] = [];
  const world: World = {
    ...{ folder, file, groups, serverPort, stops },
    serverPid: server.pid ?? 0,
    loadPid: load.pid ?? 0,
    slowUpstream: async (delayMs) => {
      await tell(upstream, delayMs);
    },
    settings: () => ({ server: engine, load: loadSettings }),
    changeServer: async (change) => {
      engine = { ...engine, ...change };
      await tell(server, change);
    },
    changeLoad: async (change) => {
      loadSettings = { ...loadSettings, ...change };
      return (await tell(load, change)) as LoadCounters;
    },
    loadCounters: async () => (await tell(load, 'counters')) as LoadCounters,
    serverCounters: async () =>
      (await (
        await fetch(`http://127.0.0.1:${serverPort}/counters`, { signal: AbortSignal.timeout(20_000) })
      ).json()) as ServerNumbers,
    close: async () => {
      await stopAll([load, server, upstream]);
      for (const stop of stops.toReversed()) await stop();
      await groups.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return world;
}

/** Joins the control groups first, and starts as a child with IPC. */
function startProgram(name: string, settings: object | number, procs: readonly string[]): ChildProcess {
  const child = fork(path.join(import.meta.dirname, name), [JSON.stringify(settings)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execPath: preferred[0],
    // A heap that hardly grows, so that a limit of memory is felt by the files alone.
    execArgv: [...preferred.slice(1), process.execPath, '--max-semi-space-size=1', '--max-old-space-size=32'],
  });
  for (const file of procs) writeFileSync(file, String(child.pid));
  return child;
}

async function tell(child: ChildProcess, message: object | string | number): Promise<unknown> {
  const answered = nextMessage(child);
  child.send(message);
  return answered;
}

async function nextMessage(child: ChildProcess): Promise<unknown> {
  const [message] = (await once(child, 'message', { signal: AbortSignal.timeout(60_000) })) as [unknown];
  return message;
}
