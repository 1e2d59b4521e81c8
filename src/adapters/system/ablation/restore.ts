import type { Restore } from '../../../ports/nodes/ablation.ts';
import { restoreLimits } from './lift-limits.ts';
import { restoreAffinity } from './move-threads.ts';

/** Brings back what an experiment on this machine changed. */
export const restoreOnMachine: Restore = (restoration) =>
  restoration.kind === 'affinity' ? restoreAffinity(restoration) : restoreLimits(restoration);
