/**
 * What the platform did without being asked.
 *
 * | kind | when |
 * |---|---|
 * | replicas-put-back | somebody else changed the number of replicas |
 * | deployment-put-back | somebody else changed the Deployment in another way |
 * | deployment-made-again | somebody else removed the Deployment |
 * | scale-down-waits | a pod that stays would be ended before a chosen one |
 */
export interface PlatformNotice {
  readonly kind: 'replicas-put-back' | 'deployment-put-back' | 'deployment-made-again' | 'scale-down-waits';
  readonly set: string;
  readonly message: string;
  readonly atMs: number;
}
