import type { Cause } from '../../src/core/diagnosis/cause.ts';
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { startDelayingProxy, startDropping, startHogs } from './disturbances.ts';
import type { World } from './world.ts';

export interface Fault {
  readonly name: string;
  /** The right answer; null: nothing is wrong, and any named cause is false. */
  readonly cause: Cause | null;
  /** What is done for real. */
  readonly what: string;
  /** Of a world that is healthy. What it starts is stopped by `world.stops`. */
  inject(world: World): Promise<void> | void;
}

/** Kept free for the replica's heap under the memory limit: a file of 32 MiB has no room beside it. */
const heapBytes = 14_000_000;

const pin = (pid: number, core: number): void => {
  spawnSync('taskset', ['-a', '-c', '-p', String(core), String(pid)], { stdio: 'ignore' });
};

/** One row a fault. All but the engine, which is a timer, is real: control groups, processes, files, sockets. */
export const faults: readonly Fault[] = [
  { name: 'none', cause: null, what: 'a healthy replica on a busy machine', inject: () => undefined },
  {
    name: 'cpu-quota',
    cause: 'cpu-quota',
    what: 'a quota of 8% of a core (control group v1)',
    inject: ({ groups }) => {
      groups.set('cpu', 'cpu.cfs_quota_us', '8000');
    },
  },
  {
    name: 'busy-core',
    cause: 'cpu-pressure',
    what: 'four busy programs on the core that the replica is pinned to',
    inject: ({ serverPid, groups, stops }) => {
      pin(serverPid, 1);
      stops.push(startHogs(4, 1, groups.procs[0] ?? null));
    },
  },
  {
    name: 'busy-thread',
    cause: 'cpu-thread',
    what: 'one thread writes each answer for several milliseconds',
    inject: (world) => world.changeServer({ encodeRounds: 10_000_000 }),
  },
  {
    name: 'slow-disk',
    cause: 'storage',
    what: 'direct reads of a disk of 10 MB/s (control group v1)',
    inject: (world) => world.changeServer({ isDirect: true }),
  },
  {
    name: 'dropped-pages',
    cause: 'page-cache',
    what: 'posix_fadvise drops the file each second',
    inject: ({ file, stops }) => {
      stops.push(startDropping(file, 1_000));
    },
  },
  {
    name: 'short-memory',
    cause: 'memory-pressure',
    what: 'a memory limit that leaves the file no room, without swap (control group v1)',
    inject: async ({ file, groups, serverPid }) => {
      // The heap has its size by now.
      await delay(1_500);
      const status = await readFile(`/proc/${serverPid}/status`, 'utf8');
      const anonymousBytes = Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
      groups.set('memory', 'memory.limit_in_bytes', String(anonymousBytes + heapBytes));
      // Pages belong to the group that read them first: the replica is to read them again.
      spawnSync('dd', [`if=${file}`, 'iflag=nocache', 'count=0', 'status=none']);
    },
  },
  {
    name: 'slow-tokenizer',
    cause: 'preprocessing',
    what: 'each input is prepared for several milliseconds',
    inject: (world) => world.changeServer({ preprocessRounds: 8_000_000 }),
  },
  {
    name: 'tiny-batches',
    cause: 'batching',
    what: 'batches of one row',
    inject: (world) => world.changeServer({ rowsAtMost: 1 }),
  },
  {
    name: 'long-batch-wait',
    cause: 'batching',
    what: 'batches of up to 64 rows wait for 80 ms',
    inject: (world) => world.changeServer({ rowsAtMost: 64, batchDelayMs: 80 }),
  },
  {
    name: 'slow-network',
    cause: 'network',
    what: 'a proxy delays bytes by 40 ms each way',
    inject: async (world) => {
      const proxy = await startDelayingProxy(world.serverPort, 40);
      world.stops.push(proxy.stop);
      await world.changeLoad({ port: proxy.port });
    },
  },
  {
    name: 'slow-upstream',
    cause: 'upstream',
    what: 'an upstream answers after 80 ms',
    inject: (world) => world.slowUpstream(80),
  },
  {
    name: 'slow-generator',
    cause: 'generator',
    what: 'a generator that works on each answer, pinned beside three busy programs; the replica is on the other core',
    inject: async (world) => {
      const { serverPid, loadPid, stops } = world;
      await world.changeLoad({ answerRounds: 400_000 });
      pin(serverPid, 0);
      pin(loadPid, 1);
      stops.push(startHogs(3, 1, null));
    },
  },
];
