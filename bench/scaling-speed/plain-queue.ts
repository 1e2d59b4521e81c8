import { seededRandom } from '../../src/core/statistics/random.ts';

/**
 * M/M/c and nothing else: draws, and a heap of the moments at which servers are free. No replicas that start, no signals, no
 * policy, no drops, no quantiles: what any simulation of these requests has to do at least. The mean wait in milliseconds.
 */
export function plainQueueWaitMs(requests: number, servers: number, arrivalsPerMs: number, meanWorkMs: number): number {
  const random = seededRandom(1);
  const works = seededRandom(2);
  const freeAtMs = new Float64Array(servers);
  let [atMs, waitedMs] = [0, 0];
  for (let count = 0; count < requests; count += 1) {
    atMs -= Math.log(1 - random.nextShare()) / arrivalsPerMs;
    const beginMs = Math.max(atMs, freeAtMs[0] as number);
    waitedMs += beginMs - atMs;
    replaceLeast(freeAtMs, beginMs - Math.log(1 - works.nextShare()) * meanWorkMs);
  }
  return waitedMs / requests;
}

function replaceLeast(heap: Float64Array, value: number): void {
  let index = 0;
  for (let child = 1; child < heap.length; child = 2 * index + 1) {
    if (child + 1 < heap.length && (heap[child + 1] as number) < (heap[child] as number)) child += 1;
    if ((heap[child] as number) >= value) break;
    heap[index] = heap[child] as number;
    index = child;
  }
  heap[index] = value;
}
