import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { prepareOnnxruntime } from '../adapters/onnxruntime/engine.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { becomeReplica } from '../model-server/spare/become-replica.ts';
import { openOrderDoor } from '../model-server/spare/order-door.ts';
import type { InferenceEngine } from '../ports/serving/inference-engine.ts';
import type { ReplicaLine } from '../schemas/replica/replica-line.ts';
import { spareTokenFile } from '../schemas/replica/spare-order.ts';

/** What a spare became. */
export interface TakenOrder {
  /** Words after `plimsoll serve-model`. */
  readonly args: readonly string[];
  readonly engine: InferenceEngine;
  /** Milliseconds since the start of the process. */
  readonly takenAtMs: number;
}

/**
 * The life of a spare: loads the runtime, says where it takes its order, waits. Resolves once this process has the variables and the
 * working folder of the replica that it is to become; null once `signal` aborts.
 * @param folder of the spare
 */
export async function awaitOrder(
  folder: string,
  tell: (line: ReplicaLine) => void,
  signal: AbortSignal,
): Promise<TakenOrder | null> {
  const token = (await readFile(path.join(folder, spareTokenFile), 'utf8')).trim();
  const engine = await prepareOnnxruntime(signal).catch((thrown: unknown) => {
    if (signal.aborted) return null;
    throw thrown;
  });
  if (engine === null) return null;
  const door = await openOrderDoor(token, signal);
  tell({ plimsoll: 'spare', port: door.port });
  const order = await door.order;
  if (order === null) return null;
  const takenAtMs = systemClock.monotonicMs();
  becomeReplica(order);
  return { args: order.args, engine, takenAtMs };
}
