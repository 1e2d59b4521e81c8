import { measureTimeShare } from './counter.ts';
import {
  listOrNone,
  type ListReading,
  type NodeSnapshot,
  type ProcessRole,
  type ThreadCounters,
} from './node-snapshot.ts';
import { addReadings, isRead, makeUnknown, takeLargestKnown, type Reading } from './reading.ts';

/** One thread over a window. */
export interface ThreadUse {
  readonly thread: ThreadCounters;
  /** Of one core. */
  readonly cpuShare: Reading;
  readonly waitShare: Reading;
}

/** Threads that were there at both looks. A thread is the same one where process, thread and name are. */
export function measureThreads(before: NodeSnapshot, after: NodeSnapshot): ListReading<ThreadUse> {
  const elapsedMs = after.atMs - before.atMs;
  if (!('list' in after.threads)) return after.threads;
  if (!('list' in before.threads)) return before.threads;
  const earlier = new Map(before.threads.list.map((thread) => [keyOf(thread), thread]));
  const list = after.threads.list.flatMap((thread): readonly ThreadUse[] => {
    const first = earlier.get(keyOf(thread));
    if (first === undefined) return [];
    const name = `the processor time of thread ${thread.tid}`;
    const cpuShare = measureTimeShare(first.cpuMs, thread.cpuMs, elapsedMs, name);
    return [{ thread, cpuShare, waitShare: measureTimeShare(first.waitedMs, thread.waitedMs, elapsedMs, name) }];
  });
  return list.length === 0 ? { unknown: 'no process of the service was there at both looks' } : { list };
}

const keyOf = ({ pid, tid, name }: ThreadCounters): string => `${pid} ${tid} ${name}`;

/** Names that threads of engines have. On a processor they are the accelerator, and a busy one is no bottleneck before it. */
const engineThread =
  /^(?:onnxruntime|ort|omp|openblas|mkl|ggml|llama|tokio-infer|triton-worker|cuda-)|intra|inter_op|pt_|torch/i;

/**
 * The busiest thread that is none of the engine. A process runs its event loop, its interpreter lock or its tokenizer on one
 * thread, which one core bounds whatever the machine has.
 *
 * @param mainOnly the engine runs on threads of any name: only the first thread of each process counts.
 */
export function findBusiestThread(
  threads: ListReading<ThreadUse>,
  mainOnly: boolean,
): { readonly share: Reading; readonly name: string | null } {
  if ('unknown' in threads) return { share: makeUnknown(threads.unknown), name: null };
  const considered = threads.list.filter(
    ({ thread }) => thread.role !== 'generator' && (mainOnly ? thread.isMain : !engineThread.test(thread.name)),
  );
  const share = takeLargestKnown(
    considered.map(({ cpuShare }) => cpuShare),
    'no thread outside the engine was seen',
  );
  const busiest = considered.find(
    ({ cpuShare }) => isRead(cpuShare) && isRead(share) && cpuShare.value === share.value,
  );
  if (busiest === undefined) return { share, name: null };
  const { name, role, pid } = busiest.thread;
  return { share, name: `${name} of the ${role} (process ${pid})` };
}

/** Of the threads of a role the one that waited most for a core. */
export function findLongestWait(threads: ListReading<ThreadUse>, role: ProcessRole): Reading {
  if ('unknown' in threads) return makeUnknown(threads.unknown);
  const waits = ofRole(threads.list, role).map(({ waitShare }) => waitShare);
  return takeLargestKnown(waits, `no thread of the ${role} was seen`);
}

/** Processor time of all threads of a role, in cores. */
export function addCores(threads: ListReading<ThreadUse>, roles: readonly ProcessRole[]): Reading {
  if ('unknown' in threads) return makeUnknown(threads.unknown);
  const shares = threads.list.filter(({ thread }) => roles.includes(thread.role)).map(({ cpuShare }) => cpuShare);
  return addReadings(shares, `no thread of the ${roles.join(' or the ')} was seen`);
}

const ofRole = (list: readonly ThreadUse[], role: ProcessRole): readonly ThreadUse[] =>
  list.filter(({ thread }) => thread.role === role);

/** Whether processes of a role are among those looked at. */
export const hasRole = (snapshot: NodeSnapshot, role: ProcessRole): boolean =>
  listOrNone(snapshot.threads).some((thread) => thread.role === role);
