import type { Compatibility, HardwareSection } from '../contract/contract.ts';
import type { Digest } from '../units/digest.ts';
import type { Verdict } from '../units/verdict.ts';
import type { ImageFacts } from '../image/image-facts.ts';
import type { ModelHardwareFacts } from './model/model-facts.ts';
import type { StatedLoad } from './model/memory-range.ts';

/** One service as the verifier sees it: what it asks for, and what was pinned. */
export interface ServiceDemands {
  readonly service: string;
  readonly environment: string;
  readonly hardware: HardwareSection;
  /** Null: the code is a command, and what it brings is not known beyond `runtime`. */
  readonly image: ImageFacts | null;
  readonly model: ModelHardwareFacts | null;
  /** What is served at once; left out where the contract does not state it. */
  readonly load?: StatedLoad;
  /** `code.args` of the contract; left out where it writes none. */
  readonly args?: readonly string[];
  /** Size of /dev/shm that the platform mounts for a replica; left out where it mounts none. */
  readonly mountedShmBytes?: number;
  /** Runtimes that the lock pins (`{ onnxruntime: "1.30.0" }`). */
  readonly runtime: Readonly<Record<string, string>>;
  /** Node labels that must be there: the environment's selector. */
  readonly selector: Readonly<Record<string, string>>;
  /** RuntimeClass of its pods: the environment's; left out where it names none. */
  readonly runtimeClass?: string;
}

/** What one rule says of one device. */
export interface Finding {
  /** Stable name of the rule: `driver-native`, `kernels`, `memory`, `require-string`, ... */
  readonly rule: string;
  /** What this rule alone would allow at best. `native` where it has no objection. */
  readonly compatibility: Compatibility;
  /** `warning`: it does not decide, and people should read it (a false refusal, a PTX risk). */
  readonly weight: 'deciding' | 'supporting' | 'warning';
  /** One sentence with the facts in it. */
  readonly message: string;
  /** The facts that were used, by name. */
  readonly facts: Readonly<Record<string, string>>;
  /** Title and date of what the rule rests on. */
  readonly source: string;
  /** The smallest change that would make the device compatible; undefined when nothing is wrong. */
  readonly fix?: string;
}

export interface DeviceVerdict {
  readonly deviceClass: Digest;
  /** `describeClass` of it. */
  readonly description: string;
  readonly compatibility: Compatibility;
  /** `compatibility` seen through `hardware.allow`. */
  readonly verdict: Verdict;
  /** Deciding ones first. */
  readonly findings: readonly Finding[];
  /** Facts that could still stop the service, and that nobody read; only of a pass that has some. */
  readonly notChecked?: readonly string[];
}

export interface NodeVerdict {
  readonly node: string;
  readonly verdict: Verdict;
  /** One sentence: how many devices do, how many are asked for, or why it is not known. */
  readonly reason: string;
  /** The node has fewer devices than are asked for, so that nothing is placed on it; it does not decide the pool. */
  readonly cannotLand?: true;
  /** One per device (or per MIG instance), in the node's order; for a CPU service one for the node. */
  readonly devices: readonly NodeDeviceVerdict[];
}

export interface NodeDeviceVerdict {
  /** `GPU 0`, `GPU 0 / 1g.10gb #2`, `cpu`. */
  readonly device: string;
  readonly deviceClass: Digest;
  readonly compatibility: Compatibility;
  readonly verdict: Verdict;
}

export interface PoolVerdict {
  readonly service: string;
  readonly environment: string;
  readonly pool: string;
  readonly verdict: Verdict;
  /** At least one sentence. */
  readonly reasons: readonly string[];
  /** True when it rests on declared classes alone, or in part. */
  readonly restsOnDeclared: boolean;
  /** Nodes that the pool and the selector admit. */
  readonly nodes: readonly NodeVerdict[];
  /** Nodes that the selector leaves out. */
  readonly nodesLeftOut: number;
  /** By digest: the findings are stored once per class, not once per device. */
  readonly classes: Readonly<Record<string, DeviceVerdict>>;
}
