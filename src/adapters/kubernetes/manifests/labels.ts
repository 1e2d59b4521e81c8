import type { ReplicaOwner } from '../../../ports/serving/platform.ts';

/** What labels and annotations of our objects are called. */
export const labelOf = {
  managedBy: 'app.kubernetes.io/managed-by',
  installation: 'plimsoll.dev/installation',
  service: 'plimsoll.dev/service',
  environment: 'plimsoll.dev/environment',
  set: 'plimsoll.dev/set',
  role: 'plimsoll.dev/role',
} as const;

export const annotationOf = {
  pair: 'plimsoll.dev/pair',
  release: 'plimsoll.dev/release',
  /** The pod template as it was first made: another version of Plimsoll must not make other pods of the same pair. */
  template: 'plimsoll.dev/template',
  startTimeoutMs: 'plimsoll.dev/start-timeout-ms',
  /** `https` where replicas have a certificate; left out for plain HTTP. */
  scheme: 'plimsoll.dev/scheme',
  deletionCost: 'controller.kubernetes.io/pod-deletion-cost',
} as const;

/** The one name under which fields of objects are ours. */
export const fieldManager = 'plimsoll';
export const containerName = 'replica';
/** Fetches files before the replica starts. */
export const filesContainerName = 'files';
export const replicaPort = 8080;
/** Readiness gate: the golden set was replayed by this container, and it passed. */
export const admittedCondition = 'plimsoll.dev/admitted';

/** Labels by which a Deployment selects its pods. They never change, and no other installation has the same. */
export function selectorLabels(
  installation: string,
  owner: ReplicaOwner,
  set: string,
): Readonly<Record<string, string>> {
  return {
    [labelOf.installation]: installation,
    [labelOf.service]: owner.service,
    [labelOf.environment]: owner.environment,
    [labelOf.set]: set,
    [labelOf.role]: 'replica',
  };
}

/** Label selector of everything of an installation. */
export const selectorOfInstallation = (installation: string): string =>
  `${labelOf.installation}=${installation},${labelOf.role}=replica`;
