import type { IdleCause, UnattributableReason } from '../../../src/core/cost/ledger/state.ts';

/** Why a replica runs that has no request. */
export const causeWords: Readonly<Record<IdleCause, string>> = {
  'min-replicas': 'minimum of replicas',
  'warm-pool': 'warm pool',
  'keep-previous': 'previous release, kept for a rollback',
  'start-ahead': 'started ahead of demand',
  asleep: 'asleep',
  fragmentation: 'no profile fits what is left',
  'no-demand': 'no demand',
  'not-recorded': 'no decision recorded',
};

export const reasonWords: Readonly<Record<UnattributableReason, string>> = {
  'control-plane-down': 'no control plane recorded',
  'node-gone': 'the node was not seen',
  'reports-missing': 'nobody told which device a replica has',
  'work-not-reported': 'no gateway told what a ready replica did',
  'claimed-twice': 'two replicas hold the same share',
  'device-in-two-pools': 'the device is in two pools',
  'claim-lost': 'a program that is no replica uses the device',
  'layout-unknown': 'the MIG layout is unknown',
  'no-owner': 'the replica belongs to no service',
};
