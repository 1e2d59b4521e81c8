import type { Blobs } from '../artifacts/blobs.ts';
import type { Platform } from '../serving/platform.ts';

/** A platform that starts replicas as a node does that has none of their files: whatever they need has to be fetched first. */
export interface FreshNode {
  readonly platform: Platform;
  /** What the platform lays replicas out from; empty at first. */
  readonly blobs: Blobs;
  /** Takes all of it away; nothing of it runs any more. */
  remove(): Promise<void>;
}
