import { existsSync, mkdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const root = '/sys/fs/cgroup';

/** Control groups v1 of one run: a CPU quota, a memory limit and a slow disk are set there for real. */
export interface Groups {
  /** Processes join by it, before they start: `sh -c 'echo $$ > FILE ...; exec ...'`. */
  readonly procs: readonly string[];
  set(controller: 'cpu' | 'memory' | 'blkio', name: string, value: string): void;
  remove(): Promise<void>;
}

/** Null where control groups v1 cannot be written here. */
export function makeGroups(name: string): Groups | null {
  const folders = (['cpu', 'memory', 'blkio'] as const).map((controller) => path.join(root, controller, name));
  try {
    for (const folder of folders) mkdirSync(folder, { recursive: true });
    if (!existsSync(path.join(folders[2] ?? '', 'blkio.throttle.read_bps_device'))) return null;
  } catch {
    return null;
  }
  return {
    procs: folders.map((folder) => path.join(folder, 'cgroup.procs')),
    set: (controller, file, value) => {
      writeFileSync(path.join(root, controller, name, file), value);
    },
    remove: async () => {
      for (const folder of folders) {
        for (
          let waited = 0;
          waited < 5_000 && readFileSync(path.join(folder, 'cgroup.procs'), 'utf8') !== '';
          waited += 20
        ) {
          await delay(20);
        }
        rmdirSync(folder);
      }
    },
  };
}

/** `254:0`: the device that a file lies on. */
export function deviceOf(file: string): string {
  const { dev } = statSync(file);
  return `${Math.floor(dev / 256) & 0xfff}:${dev & 0xff}`;
}
