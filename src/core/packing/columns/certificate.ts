import type { RoomPrice } from '../filling/device-table.ts';
import { fillNode, proveFillingBound } from '../filling/fill-node.ts';
import { sumLimits } from '../filling/node-bound.ts';
import { exactNano, listGains, listWorths, mostPerNode, nodeCostNano, type PackingTask } from '../packing-task.ts';
import { wholeDeviceMilli, type NodeShape, type ReplicaShape } from '../room.ts';

/** What proves a bound of all packings of a task. Everything is in whole nano of a device or of a node. */
export interface PackingCertificate {
  /** Price of one replica of each class. */
  readonly pricesNano: readonly number[];
  /** For each class of nodes: no filling is worth more than `fillingBoundNano`, proven at `price` of CPU, memory and limits. */
  readonly nodes: readonly { readonly price: RoomPrice; readonly fillingBoundNano: number }[];
  /** `most-accelerators`: no packing that keeps all reserved room reaches more. `fewest-nodes`: none needs less. */
  readonly boundNano: bigint;
  /** Labels that the proof needs; see `fillNode`. */
  readonly labelsAtMost: number;
}

/** Returns the certificate of a task at these prices. It proves a bound at any prices; good prices give a good one. */
export function makeCertificate(
  task: PackingTask,
  pricesNano: readonly number[],
  labelsAtMost: number,
): PackingCertificate {
  const worths = listWorths(task, pricesNano);
  const types = task.replicas.map(({ shape }) => shape);
  const nodes = task.nodes.map(({ shape }) => {
    const { price, boundNano } = fillNode(shape, types, worths, labelsAtMost);
    return { price, fillingBoundNano: boundNano };
  });
  const fillingBounds = nodes.map(({ fillingBoundNano }) => fillingBoundNano);
  return { pricesNano, nodes, boundNano: sumBound(task, pricesNano, fillingBounds), labelsAtMost };
}

export type CertificateVerdict =
  { readonly verdict: 'proven' } | { readonly verdict: 'refused'; readonly reason: string };

/** Largest number of labels that a certificate may ask for: it bounds the time of the proof. */
const mostLabels = 10_000;

/**
 * Returns whether the certificate proves its bound for the task. No solver is needed and none is believed.
 *
 * | looked at                                    | refused where                                             |
 * | -------------------------------------------- | --------------------------------------------------------- |
 * | the task                                     | not in whole numbers, or a replica needs nothing          |
 * | prices                                       | not one whole number from 0 on for each class             |
 * | CPU and memory prices of each class of nodes | not whole, or so large that sums would not be exact       |
 * | prices of limits                             | the same, or of a class of replicas that has no limit     |
 * | bound of a filling                           | the search for a better one finds one or does not end     |
 * | bound of all packings                        | it is not the sum of the above                            |
 *
 * All numbers are whole and below 2^53, where the arithmetic is exact; the sum over the task is of BigInt.
 */
export function verifyCertificate(task: PackingTask, certificate: PackingCertificate): CertificateVerdict {
  const { pricesNano, nodes, boundNano, labelsAtMost } = certificate;
  const refuse = (reason: string): CertificateVerdict => ({ verdict: 'refused', reason });
  const wrongReplica = task.replicas.findIndex(({ shape, count }) => !isCount(count) || !isReplicaWhole(shape));
  if (wrongReplica >= 0) return refuse(`replica class ${wrongReplica} is not in whole numbers, or needs nothing`);
  const wrongNode = task.nodes.findIndex(({ shape, count }) => !isCount(count) || !isNodeWhole(shape));
  if (wrongNode >= 0) return refuse(`node class ${wrongNode} is not in whole numbers`);
  if (!isCount(labelsAtMost) || labelsAtMost > mostLabels) return refuse(`it asks for ${labelsAtMost} labels`);
  if (pricesNano.length !== task.replicas.length || !pricesNano.every(isCount)) {
    return refuse('prices are not one whole number for each class of replicas');
  }
  if (nodes.length !== task.nodes.length) return refuse('it does not hold one bound for each class of nodes');
  const worths = listWorths(task, pricesNano);
  const types = task.replicas.map(({ shape }) => shape);
  for (const [at, { shape }] of task.nodes.entries()) {
    const { price, fillingBoundNano } = nodes[at] as (typeof nodes)[number];
    const exact =
      isCount(fillingBoundNano) &&
      isPriceExact(price.cpuMilliNano, shape.cpuMilli) &&
      isPriceExact(price.memoryMibNano, shape.memoryMib) &&
      areLimitsExact(price.limitsNano, types) &&
      worths.every((worth) => Math.abs(worth) * mostPerNode < Number.MAX_SAFE_INTEGER);
    if (!exact) return refuse(`numbers of node class ${at} are not whole or too large`);
    if (!proveFillingBound(shape, types, worths, price, fillingBoundNano, labelsAtMost)) {
      return refuse(`the bound of node class ${at} is not proven`);
    }
  }
  const fillingBounds = nodes.map(({ fillingBoundNano }) => fillingBoundNano);
  const sum = sumBound(task, pricesNano, fillingBounds);
  return sum === boundNano ? { verdict: 'proven' } : refuse(`the bound is ${sum} nano and not ${boundNano}`);
}

function isReplicaWhole({ cpuMilli, memoryMib, devices, deviceMilli, profiles, perNode }: ReplicaShape): boolean {
  if (![cpuMilli, memoryMib, devices, deviceMilli, perNode?.atMost ?? 0].every(isCount)) return false;
  if (profiles !== undefined && devices !== 1) return false;
  const share = deviceMilli > 0 && deviceMilli <= wholeDeviceMilli;
  if (devices === 0) return cpuMilli + memoryMib > 0;
  return devices === 1 ? share : deviceMilli === wholeDeviceMilli;
}

const isNodeWhole = ({ cpuMilli, memoryMib, devices }: NodeShape): boolean =>
  [cpuMilli, memoryMib, devices].every(isCount);

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

function isPriceExact(priceNano: number, units: number): boolean {
  return isCount(priceNano) && priceNano * units < exactNano;
}

function areLimitsExact(limitsNano: readonly number[] | undefined, types: readonly ReplicaShape[]): boolean {
  if (limitsNano === undefined) return true;
  return (
    limitsNano.length === types.length &&
    limitsNano.every((price, at) => isCount(price) && (price === 0 || types[at]?.perNode !== undefined)) &&
    sumLimits(types, limitsNano) < exactNano
  );
}

/**
 * Adds up the bound: what the prices of all replicas come to, and what the nodes can do better than these prices. What all
 * reserved room counts for is taken off again.
 */
function sumBound(task: PackingTask, pricesNano: readonly number[], fillingBounds: readonly number[]): bigint {
  const sign = task.objective === 'most-accelerators' ? 1n : -1n;
  let sum = 0n;
  for (const [at, { count }] of task.replicas.entries()) sum += BigInt(count) * BigInt(pricesNano[at] ?? 0);
  for (const [at, { count }] of task.nodes.entries()) {
    const above = Math.max(0, (fillingBounds[at] ?? 0) - nodeCostNano(task));
    sum += sign * BigInt(count) * BigInt(above);
  }
  const gains = listGains(task);
  for (const [at, { count, reserved }] of task.replicas.entries()) {
    if (reserved === true) sum -= BigInt(count) * BigInt(gains[at] ?? 0);
  }
  return sum < 0n ? 0n : sum;
}
