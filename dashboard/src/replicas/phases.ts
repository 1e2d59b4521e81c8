import type { Phase } from '../../../src/core/contract/contract.ts';

/** In the order in which a start goes through them; the page gives each one colour everywhere. */
export const phaseOrder: readonly Phase[] = [
  'schedule',
  'image-pull',
  'process-start',
  'weights-fetch',
  'weights-load',
  'engine-init',
  'warm-up',
];
