import type { Cause } from '../cause.ts';
import type { ExpectedGain } from './finding.ts';
import type { EffectInterval } from './effect.ts';

interface Remedy {
  readonly text: string;
  /** What the measured effect of the experiment says of the gain of the remedy. */
  readonly gain: ExpectedGain['kind'];
}

/**
 * One remedy a cause. The gain is `as-measured` where the remedy makes the experiment permanent, and `at-most` where the experiment
 * takes the whole step away and a remedy only makes it faster.
 */
const remedies: Readonly<Record<Cause, Remedy>> = {
  generator: {
    text: 'Give the load generator cores of its own, or a machine of its own, and measure again.',
    gain: 'as-measured',
  },
  'memory-bound': {
    text: 'Use larger batches or weights of lower precision: each byte that is read then serves more rows.',
    gain: 'as-measured',
  },
  throttled: { text: 'Raise the power limit, or cool the device.', gain: 'at-most' },
  'memory-repair': {
    text: 'Drain the replica and reset the device: rows of its memory wait for it. Replace a board that stays so.',
    gain: 'at-most',
  },
  'under-loaded': { text: 'Serve with fewer replicas, or give the device to more services.', gain: 'at-most' },
  'cpu-thread': {
    text: 'Move the busy thread to a core that nothing else uses, or split its work over several threads.',
    gain: 'as-measured',
  },
  'cpu-quota': {
    text: 'Raise the CPU limit of the container above what the replica uses, or remove the limit.',
    gain: 'as-measured',
  },
  'cpu-pressure': {
    text: 'Give the replica cores that no other program uses (CPU manager policy `static`, or a cpuset).',
    gain: 'as-measured',
  },
  'pcie-link': {
    text: 'Seat the device again, or replace the riser: the link runs below its maximum.',
    gain: 'at-most',
  },
  'pcie-traffic': { text: 'Copy less: send smaller inputs, or keep tensors on the device.', gain: 'at-most' },
  numa: { text: 'Bind the replica to the cores and the memory of the NUMA node of its device.', gain: 'as-measured' },
  'peer-access': {
    text: 'Let devices reach each other: turn ACS of the PCIe switches off, or use a driver and boards that allow it.',
    gain: 'at-most',
  },
  storage: { text: 'Keep the files that are read while serving on a faster or a local disk.', gain: 'at-most' },
  'page-cache': {
    text: "Give the replica's memory limit room for the files that it reads, so that they stay in the page cache.",
    gain: 'as-measured',
  },
  'memory-pressure': { text: 'Raise the memory limit of the container.', gain: 'as-measured' },
  network: {
    text: 'Place the gateway and the replica nearer to one another, or replace the slow link.',
    gain: 'as-measured',
  },
  preprocessing: {
    text: 'Prepare inputs before they reach the replica, or run its preprocessing on more threads.',
    gain: 'at-most',
  },
  batching: {
    text: 'Set the batch size and the batch delay of the model server to the values of the experiment.',
    gain: 'as-measured',
  },
  queue: { text: 'Let the gateway pass more requests to a replica at once, or add a gateway.', gain: 'as-measured' },
  upstream: { text: 'Make the slow upstream faster, or keep its answers in a cache.', gain: 'at-most' },
};

/** Returns the remedy of a cause and the gain to expect of it. The lower limit of an `at-most` gain is 0. */
export function findRemedy(
  cause: Cause,
  effect: EffectInterval,
): { readonly remedy: string; readonly gain: ExpectedGain } {
  const { text, gain } = remedies[cause];
  return { remedy: text, gain: { ...effect, lower: gain === 'at-most' ? 0 : effect.lower, kind: gain } };
}
