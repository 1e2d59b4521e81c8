/**
 * What a platform did by itself, or waits with, in words for people. It is told once, when it happens.
 *
 * | kind | when |
 * |---|---|
 * | replicas-put-back | somebody else changed the number of replicas |
 * | deployment-put-back | somebody else changed the Deployment in another way, and it is as it was |
 * | deployment-changed-by-cluster | the cluster itself writes a field of the Deployment, and it stays |
 * | deployment-made-again | somebody else removed the Deployment |
 * | no-disruption-budget | the right to make one is missing, or a rule of the cluster refuses it |
 * | scale-down-waits | a pod that stays would be ended before a chosen one |
 * | service-taken | there is a Service or EndpointSlice of that name which is not ours |
 * | service-put-back | somebody else changed or removed our Service or EndpointSlice |
 */
export interface PlatformNotice {
  readonly kind:
    | 'replicas-put-back'
    | 'deployment-put-back'
    | 'deployment-changed-by-cluster'
    | 'deployment-made-again'
    | 'no-disruption-budget'
    | 'scale-down-waits'
    | 'service-taken'
    | 'service-put-back';
  /** Name of the set, or of the Service. */
  readonly name: string;
  readonly message: string;
  readonly atMs: number;
}
