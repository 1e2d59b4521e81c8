import type { ImagePull } from '../../../../protocols/kubernetes-objects/pods/pod-events.ts';
import type { PodObject } from '../../../../protocols/kubernetes-objects/pods/pod-object.ts';

/** `ready 7 s after its pod was made (image of 43 MB pulled in 1.5 s, 1.6 s with waiting)`. */
export function describeStart(pod: PodObject, pull: ImagePull | null, tookMs: number): string {
  const from = (pod.container?.restarts ?? 0) === 0 ? 'its pod was made' : 'its container was started again';
  return `ready ${seconds(tookMs)} after ${from}${pull === null ? '' : ` (${describePull(pull)})`}`;
}

function describePull({ pullMs, withWaitingMs, bytes }: ImagePull): string {
  const size = bytes === null ? '' : ` of ${Math.round(bytes / 1e6)} MB`;
  return `image${size} pulled in ${seconds(pullMs)}, ${seconds(withWaitingMs)} with waiting`;
}

/** Milliseconds as people read them: `0.4 s`, `12 s`. */
export function seconds(durationMs: number): string {
  const value = durationMs / 1_000;
  return `${value < 10 ? Math.round(value * 10) / 10 : Math.round(value)} s`;
}
