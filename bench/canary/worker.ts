import { parentPort, workerData } from 'node:worker_threads';
import { seededRandom } from '../../src/core/statistics/random.ts';
import { runErrors, type ErrorsWorld, type Stops } from './errors-run.ts';
import { runLatency, type LatencyWorld } from './latency-run.ts';

export type World = ({ readonly metric: 'errors' } & ErrorsWorld) | ({ readonly metric: 'latency' } & LatencyWorld);

export interface Task {
  readonly world: World;
  readonly runs: number;
  readonly seed: number;
}

const { world, runs, seed } = workerData as Task;
const stops: Stops[] = [];
for (let run = 0; run < runs; run += 1) {
  const random = seededRandom(seed + run);
  stops.push(world.metric === 'errors' ? runErrors(world, random) : runLatency(world, random));
}
parentPort?.postMessage(stops);
