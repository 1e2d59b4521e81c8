import type { GeneratorReadings } from '../../core/diagnosis/readings/read-requests.ts';
import { makeReading, makeUnknown } from '../../core/diagnosis/readings/reading.ts';
import { seededRandom } from '../../core/statistics/random.ts';
import type { TensorSpec } from '../../core/units/tensor.ts';
import type { ReplicaClient } from '../../ports/serving/replica-client.ts';
import { madeUp } from '../capacity/capacity-requests.ts';
import { closedLoop } from '../capacity/closed-loop.ts';
import type { ProvingPorts } from '../ports.ts';
import type { RequestKind } from './load-ablation.ts';

const seed = 1;
const bodiesAtMost = 64;
const beatMs = 20;

/** Requests of so many rows made up from a signature, to one address. */
export async function makeRequests(
  client: ReplicaClient,
  to: { readonly endpoint: string; readonly model: string; readonly inputs: readonly TensorSpec[] },
  rows: number,
  signal: AbortSignal,
): Promise<RequestKind> {
  const binary = await client.takesBinary(to.endpoint, signal);
  const random = seededRandom(seed);
  const bodies = Array.from({ length: bodiesAtMost }, () => to.inputs.map((input) => madeUp(input, rows, random)));
  return {
    rows,
    ask: async (at) => {
      await client.inferTensors(to.endpoint, to.model, { inputs: bodies[at % bodies.length] ?? [], binary }, signal);
      return null;
    },
  };
}

export interface RunningLoad {
  /** How far this program was behind while it sent. */
  generator(): GeneratorReadings;
  stop(): Promise<void>;
}

/** Keeps so many requests under way until it is stopped. */
export function startLoad(
  { clock, signal }: Pick<ProvingPorts, 'clock' | 'signal'>,
  kind: () => RequestKind,
  concurrency: number,
  atMostMs: number,
): RunningLoad {
  const stopping = new AbortController();
  const either = AbortSignal.any([signal, stopping.signal]);
  const delaysMs: number[] = [];
  const isStopped = (): boolean => either.aborted;
  const send = async (): Promise<void> => {
    const ask = (at: number) => kind().ask(at);
    await closedLoop({ clock, signal: either }, ask, { concurrency, warmUpMs: 0, measureMs: atMostMs });
  };
  const beat = async (): Promise<void> => {
    while (!isStopped()) {
      const beganMs = clock.monotonicMs();
      await clock.sleep(beatMs, either);
      delaysMs.push(clock.monotonicMs() - beganMs - beatMs);
    }
  };
  const running = Promise.allSettled([send(), beat()]);
  return {
    generator: () => ({
      delayMs: medianOf(delaysMs),
      achievedShare: makeUnknown('a loop that waits for answers has no schedule'),
    }),
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

/** A program that cannot keep a beat of 20 ms cannot send on time either. */
function medianOf(delaysMs: readonly number[]) {
  const sorted = delaysMs.toSorted((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)];
  return middle === undefined ? makeUnknown('the load was too short') : makeReading(Math.max(0, middle));
}
