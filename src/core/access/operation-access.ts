import type { Role } from './role.ts';

/**
 * The role that each operation of a control plane needs. `release` needs `operate` as well when it carries waivers:
 * a waiver lets a release through without its evidence. To change the record of an environment, the role must be held for
 * every service of it.
 */
export const operationRoles = {
  addModelVersion: 'release',
  addDataVersion: 'release',
  moveAlias: 'release',
  recordRegistrySync: 'release',
  shareArtifact: 'release',
  transferService: 'operate',
  release: 'release',
  releaseAsk: 'view',
  cancelAsk: 'release',
  rollback: 'operate',
  liftBar: 'operate',
  waive: 'operate',
  withdrawWaivers: 'operate',
  approveRelease: 'release',
  steerRollout: 'operate',
  removeService: 'operate',
  addLabels: 'measure',
  askLabels: 'measure',
  labels: 'view',
  testNotify: 'operate',
  rollout: 'view',
  scaling: 'view',
  scalingDecision: 'view',
  arrivals: 'view',
  capacityPlan: 'view',
  signalHistory: 'view',
  drift: 'view',
  driftHistory: 'view',
  /** What clients sent: for those who operate the service. */
  driftSamples: 'operate',
  explainDrift: 'view',
  acknowledgeDrift: 'operate',
  isolateReplica: 'operate',
  cost: 'view',
  rebuildCost: 'operate',
  exportCost: 'view',
  costedHours: 'view',
  environmentRecords: 'view',
  setEnvironmentRecord: 'operate',
  clearEnvironmentRecord: 'operate',
  view: 'view',
  evidence: 'view',
  releases: 'view',
  events: 'view',
} as const satisfies Readonly<Record<string, Role>>;
