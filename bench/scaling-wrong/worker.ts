import { parentPort } from 'node:worker_threads';
import { recordRun, type AskedRun, type RunRecord } from './run-record.ts';
import type { GivenTrace } from './trace-world.ts';
import { namedWorlds } from './worlds.ts';

export interface Task extends AskedRun {
  readonly trace: GivenTrace | null;
  readonly workload: string;
  readonly startSeconds: number;
}

let worlds: ReturnType<typeof namedWorlds> | null = null;

async function answer({ trace, workload, startSeconds, ...asked }: Task): Promise<RunRecord> {
  worlds ??= namedWorlds(trace);
  const found = (await worlds).find(({ name }) => name === workload);
  if (found === undefined) throw new Error(`no workload ${workload}`);
  return recordRun(found.make(startSeconds), asked);
}

parentPort?.on('message', ({ id, task }: { readonly id: number; readonly task: Task }) => {
  void answer(task).then((record) => parentPort?.postMessage({ id, answer: record }));
});
