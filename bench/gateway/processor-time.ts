import { readdirSync, readFileSync } from 'node:fs';

/** Time that all threads of a process have run (first field of `schedstat`, in nanoseconds). */
export function processorMs(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const nanoseconds = threads.map((thread) => {
    return Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ', 1)[0]);
  });
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1e6;
}
