import type { Cause } from '../../src/core/monitoring/triage/answer.ts';
import type { EngineFault } from '../../src/model-server/faulty-engine.ts';

/** What is done to the world, and what triage may say of it. */
export interface Scenario {
  readonly name: string;
  /** The causes that are there; none where nothing is wrong. */
  readonly causes: readonly Cause[];
  readonly engine?: { readonly fault: EngineFault; readonly at: 'one' | 'two' | 'all' };
  /** What clients send from then on; `reweigh`: mostly two to four digits, which each run draws. */
  readonly sent?: 'invert' | 'shift' | 'reweigh';
  /** What a digit means is another one from then on. */
  readonly swapsLabels?: true;
  /** From then on the larger digits go to one replica, but for those that are drawn. */
  readonly skewsRouting?: true;
  /** The replicas are started anew, with another runtime. */
  readonly runtimeChanges?: true;
  /** The files that the replicas read are not the pinned ones. */
  readonly filesDiffer?: true;
  /** What happens to a healthy service besides. */
  readonly happens?: 'scaling' | 'release' | 'rollback' | 'mix';
  /** Rows after the fault; labels need more. */
  readonly rows: number;
}

const soon = 6_000;
const byLabels = 24_000;

export const singles: readonly Scenario[] = [
  ofEngine('weights perturbed, one replica', 'perturbed'),
  ofEngine('one channel saturated', 'saturated'),
  ofEngine('stale answers', 'stale'),
  ofEngine('answers stuck', 'stuck'),
  {
    ...{ name: 'weights perturbed in the file', causes: ['artifact'], rows: soon },
    ...{ engine: { fault: 'perturbed', at: 'all' }, filesDiffer: true },
  },
  {
    ...{ name: 'another runtime on every replica', causes: ['runtime'], rows: soon },
    ...{ engine: { fault: 'rounded', at: 'all' }, runtimeChanges: true },
  },
  { name: 'inverted inputs', causes: ['data'], sent: 'invert', rows: soon },
  { name: 'shifted inputs', causes: ['data'], sent: 'shift', rows: soon },
  { name: 'reweighted inputs', causes: ['data'], sent: 'reweigh', rows: soon },
  { name: 'swapped labels', causes: ['concept'], swapsLabels: true, rows: byLabels },
  { name: 'skewed routing', causes: ['routing'], skewsRouting: true, rows: soon },
];

function ofEngine(name: string, fault: EngineFault): Scenario {
  return { name, causes: ['node'], engine: { fault, at: 'one' }, rows: soon };
}

export const pairs: readonly Scenario[] = [
  {
    name: 'stale answers and inverted inputs',
    causes: ['node', 'data'],
    engine: one('stale'),
    sent: 'invert',
    rows: soon,
  },
  {
    name: 'one channel saturated and shifted inputs',
    causes: ['node', 'data'],
    engine: one('saturated'),
    sent: 'shift',
    rows: soon,
  },
  { name: 'two replicas perturbed', causes: ['node'], engine: { fault: 'perturbed', at: 'two' }, rows: soon },
  {
    name: 'another runtime and inverted inputs',
    causes: ['runtime', 'data'],
    engine: { fault: 'rounded', at: 'all' },
    runtimeChanges: true,
    sent: 'invert',
    rows: soon,
  },
  {
    name: 'perturbed file and reweighted inputs',
    causes: ['artifact', 'data'],
    engine: { fault: 'perturbed', at: 'all' },
    filesDiffer: true,
    sent: 'reweigh',
    rows: soon,
  },
  {
    name: 'inverted inputs and swapped labels',
    causes: ['data', 'concept'],
    sent: 'invert',
    swapsLabels: true,
    rows: byLabels,
  },
  {
    name: 'stale answers and swapped labels',
    causes: ['node', 'concept'],
    engine: one('stale'),
    swapsLabels: true,
    rows: byLabels,
  },
  {
    name: 'one replica perturbed and skewed routing',
    causes: ['node', 'routing'],
    engine: one('perturbed'),
    skewsRouting: true,
    rows: soon,
  },
];

function one(fault: EngineFault): { readonly fault: EngineFault; readonly at: 'one' } {
  return { fault, at: 'one' };
}

/** Nothing is wrong: a cause that is named is false. */
export const healthy: readonly Scenario[] = [
  { name: 'nothing happens', causes: [], rows: byLabels },
  { name: 'scaling from 3 to 5 replicas and to 2', causes: [], happens: 'scaling', rows: byLabels },
  { name: 'a release of another model', causes: [], happens: 'release', rows: byLabels },
  { name: 'a rollback to the model before', causes: [], happens: 'rollback', rows: byLabels },
  { name: 'a mix of digits that moves within the tolerance', causes: [], happens: 'mix', rows: byLabels },
];

/** Rows where abstaining is right: something is wrong, and nothing that was observed proves what. */
export const undecidable: readonly Scenario[] = [
  {
    name: 'every replica perturbed, nothing else known',
    causes: [],
    engine: { fault: 'perturbed', at: 'all' },
    rows: soon,
  },
];
