import type { ContractProblem } from './problem.ts';
import type { ClientRules } from '../access/shares/client-limits.ts';
import type { ScheduleEntry } from './schedule/schedule.ts';
import type { NotifyTarget } from './notify-target.ts';
import type { Digest } from '../units/digest.ts';
import type { TensorSpec } from '../units/tensor.ts';
import type { VersionRange } from '../units/quantity/quantity-version-range.ts';

export type { VersionRange } from '../units/quantity/quantity-version-range.ts';

/**
 * The contract as the program uses it: parsed once at the border by schemas/contract, units compiled to numbers.
 * A section that the file does not write stays undefined, because a key that is not written asks for no evidence;
 * effective defaults come from `core/contract/defaults.ts`.
 *
 * Units: `...Ms` milliseconds, `...Bytes` bytes, `...Share` a fraction of 1, `...PerSecond` per second.
 */
export interface Contract {
  readonly apiVersion: 'plimsoll.dev/v1';
  /** DNS label, 1 to 63 characters. */
  readonly service: string;
  readonly owner?: string;
  readonly code: CodeSection;
  readonly model: ModelSection;
  readonly hardware?: HardwareSection;
  readonly objective?: ObjectiveSection;
  readonly coldStart?: ColdStartSection;
  readonly scaling?: ScalingSection;
  readonly features?: readonly FeatureSource[];
  readonly evaluation?: EvaluationSection;
  readonly monitoring?: MonitoringSection;
  readonly rollout?: RolloutSection;
  readonly gateway?: GatewaySection;
  readonly cost?: CostSection;
  /** How long evidence of a kind stays fresh by time alone. */
  readonly maxAgeMs: Readonly<Record<string, number>>;
  /** Keyed by name; a file without the section has one, `default`. */
  readonly environments: Readonly<Record<string, EnvironmentSection>>;
}

export type Protocol = 'open-inference-v2' | 'openai';

export interface CodeSection {
  readonly image?: string;
  /** Local platform: the program and its first arguments. `plimsoll` stands for this installation's own command. */
  readonly command?: readonly string[];
  readonly args: readonly string[];
  /** Files and folders, relative to the contract, whose content is part of the code's digest. */
  readonly files: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Name of the variable to a reference such as `secret/hf#token`; never a value. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Name of the secret with `tls.crt`, `tls.key` and `ca.crt`; left out where replicas speak plain HTTP. */
  readonly tls?: string;
  readonly protocol: Protocol;
  /** What the code sends to the model and reads of it; a model that does not fit is refused before anything starts. */
  readonly signature?: { readonly inputs: readonly TensorSpec[]; readonly outputs: readonly TensorSpec[] };
}

export interface ModelSection {
  readonly name: string;
  /** An alias (`candidate`) or a version number in text (`2`). */
  readonly version: string;
  /** Tokens that one sequence may reach, prompt and answer together. */
  readonly context?: number;
  /** Sequences that one replica serves at once. */
  readonly concurrency?: number;
  /** Precision of the weights as the engine loads them; where it is not stated the model's file tells it. */
  readonly precision?: StatedPrecision;
}

export const statedPrecisions = ['fp32', 'fp16', 'bf16', 'fp8', 'fp4', 'mxfp4', 'int8', 'int4', 'awq', 'gptq'] as const;
export type StatedPrecision = (typeof statedPrecisions)[number];

export type Accelerator = 'nvidia' | 'cpu';
export type Sharing = 'exclusive' | 'mig' | 'mps' | 'time-slicing';
export type Compatibility = 'native' | 'minor-version' | 'forward' | 'incompatible' | 'unknown';

/** What one replica takes of its node: it is placed where so much is free. More memory than that ends it. */
export interface HostShare {
  /** Processor cores; 0.5 is half of one. */
  readonly cpus?: number;
  readonly memoryBytes?: number;
  /** Size of /dev/shm; what is written there counts as memory of the replica. */
  readonly shmBytes?: number;
}

export interface HardwareSection {
  readonly accelerator: Accelerator;
  readonly computeCapability?: VersionRange;
  readonly memoryBytes?: number;
  readonly host?: HostShare;
  readonly devices: number;
  readonly driver?: VersionRange;
  readonly cuda?: VersionRange;
  readonly runtime: Readonly<Record<string, VersionRange>>;
  readonly sharing: readonly Sharing[];
  readonly allow: readonly Compatibility[];
  /** Names of libraries, or parts of them, without whose device code the service does not run. */
  readonly libraries?: readonly string[];
  /** Facts that must have been read: where one was not, the device does not do. */
  readonly require?: readonly RequiredFact[];
  /** Greatest age of a preflight that the node has to have passed; left out where none is asked for. */
  readonly preflightMaxAgeMs?: number;
  /** Instruction sets that libraries of the service use, as /proc/cpuinfo names them: `avx512f`, `amx_bf16`. */
  readonly instructions?: readonly string[];
}

export const requiredFacts = [
  'fabric',
  'kernel-module',
  'iommu',
  'health',
  'container-runtime',
  'confidential-mode',
  'container-devices',
  'model-precision',
  'unified-memory',
  'page-size',
  'compilers',
  'glibc',
  'nvswitches',
  'device-code',
  'model-kernels',
  'model-format',
] as const;
export type RequiredFact = (typeof requiredFacts)[number];

/** `p99` is 0.99. Milliseconds by quantile. */
export type QuantileBudget = Readonly<Record<`p${string}`, number>>;

export interface ObjectiveSection {
  readonly latency?: QuantileBudget;
  readonly ttft?: QuantileBudget;
  readonly interToken?: QuantileBudget;
  /** Share of the requests that are inside all limits of `latency`, `ttft` and `interToken` at once. */
  readonly goodputShare?: number;
  readonly availabilityShare?: number;
  /** How long a horizon of `plimsoll capacity` lasts. */
  readonly horizonMs?: number;
}

export type Phase =
  'schedule' | 'image-pull' | 'process-start' | 'weights-fetch' | 'weights-load' | 'engine-init' | 'warm-up';
export type StartTier = 'memory' | 'node-disk' | 'fresh-node';

export interface ColdStartSection {
  readonly budget: QuantileBudget;
  readonly from: StartTier;
  readonly phases: Readonly<Partial<Record<Phase, QuantileBudget>>>;
  readonly prePull: boolean;
}

export type ScalingSignal = 'queue-depth' | 'batch-fill' | 'accelerator-memory';
export interface ScalingSection {
  readonly signal: ScalingSignal;
  readonly replicas: { readonly min: number; readonly max: number };
  readonly toZero: 'never' | 'when-proven';
  readonly warmPool: number;
  readonly actuator: 'plimsoll' | 'keda' | 'none';
  /** Whose clock days and weeks are of; UTC where the file does not write it. */
  readonly zone?: string;
  /** Demand that is known before it comes. */
  readonly schedule?: readonly ScheduleEntry[];
  /** Absent: nothing sleeps. */
  readonly sleep?: SleepSection;
}

/** Replicas that may leave their accelerator in place of being stopped; the protocol of the service says by which endpoints. */
export interface SleepSection {
  /** Asleep at the same time, at most. */
  readonly replicas: number;
  /** What a wake is taken to last until wakes were measured, milliseconds. */
  readonly wakeMs: number;
  /** What a second of sleep costs the scaler, as a share of an accelerator-second. */
  readonly priceShare: number;
}

export type EvaluationTask = 'classification' | 'regression' | 'ranking' | 'text';

export interface EvaluationSection {
  readonly dataset: string;
  /** Undefined where labels and outputs tell it. */
  readonly task?: EvaluationTask;
  /** Column of the dataset that holds the right answer; `label` where the file does not write it. */
  readonly label?: string;
  /** Output of the model that is judged; the only one where the file does not write it. */
  readonly output?: string;
  readonly gates: readonly Gate[];
  readonly slices: readonly string[];
  /** User-defined metrics by name. */
  readonly metrics?: Readonly<Record<string, UserMetric>>;
}

/** What computes features that the model is given: files beside the contract, or views of a Feast registry. */
export type FeatureSource =
  { readonly path: string; readonly feast?: never } | { readonly feast: FeastSource; readonly path?: never };

/** Exactly one of `featureViews` and `featureService`. */
export interface FeastSource {
  /** A path, relative to the contract or absolute, or `s3://BUCKET/KEY`. */
  readonly registry: string;
  /** Left out where the registry holds one project. */
  readonly project?: string;
  readonly featureViews?: readonly string[];
  readonly featureService?: string;
}

/** Exactly one of `command` and `module`. Paths are relative to the contract. */
export interface UserMetric {
  readonly command?: readonly string[];
  readonly module?: string;
  readonly largerIsBetter: boolean;
  /** Files and folders besides those that the command names, whose content is part of what was measured. */
  readonly files: readonly string[];
  readonly timeoutMs: number;
}
export interface Gate {
  readonly metric: string;
  readonly atLeast?: number;
  readonly atMost?: number;
  readonly noWorseThan?: string;
  readonly margin?: number;
  readonly confidenceShare: number;
}

export interface MonitoringSection {
  /** Names of data versions. */
  readonly reference?: string;
  readonly golden?: string;
  /** How often replicas replay the golden set, and what share of their time that may take; `defaults.replay` says what is not written. */
  readonly replay?: { readonly everyMs?: number; readonly atMostShare?: number };
  readonly capture?: CaptureSection;
  /** Share of the requests that are sent to a replica drawn at random. */
  readonly controlShare?: number;
  readonly labels?: {
    readonly from: string;
    readonly withinMs: number;
    readonly marginShare?: number;
    readonly errorAtMost?: number;
  };
  readonly falseAlarms?: { readonly count: number; readonly perMs: number };
  /** How far live data may be from the reference: in its standard deviations, and in total variation. */
  readonly tolerance?: { readonly sd: number; readonly totalVariation: number };
  /** Programs that compute more features. */
  readonly features?: readonly FeatureProgram[];
  /** How long the captured requests of one window last at least. */
  readonly windowMs?: number;
  /** Category features whose values are watched by themselves. */
  readonly slices?: readonly string[];
  /** What the watch does by itself, of causes that triage proved. */
  readonly onAlarm?: OnAlarm;
  /** Where alerts go. */
  readonly notify?: readonly NotifyTarget[];
}

/** What the watch does by itself about an alarm, of causes that triage proved. */
export interface OnAlarm {
  readonly action: 'notify' | 'isolate' | 'roll-back';
  /** It acts at most once in such a time, whatever alarms. */
  readonly atMostOncePerMs: number;
}

/** Exactly one of `command` and `module`. Paths are relative to the contract. */
export interface FeatureProgram {
  readonly module?: string;
  readonly command?: readonly string[];
  /** Files and folders besides those that are named, whose content is part of what computes the features. */
  readonly files: readonly string[];
  readonly gives: Readonly<Record<string, 'number' | 'category'>>;
  /** Of one row. */
  readonly timeoutMs: number;
}

/** Which live requests are kept with their answers; what is not written is in `defaults.capture`. */
export interface CaptureSection {
  readonly sampleShare: number;
  /** Names of tensors, or JSON paths such as `$.messages[*].content`. */
  readonly redact: readonly string[];
  /** Whether bodies are kept, or only what is computed from them. */
  readonly content?: boolean;
  /** How long bodies are kept. */
  readonly retentionMs?: number;
  /** Of the spool of each gateway. */
  readonly maxBytes?: number;
}

export interface RolloutSection {
  /** Traffic shares in increasing order, the last 1. Undefined when the file does not write `steps`. */
  readonly steps?: readonly number[];
  readonly stickyBy?: string;
  /** Share of the requests that the shadow gets a copy of before the first step; 0 is never. */
  readonly shadowShare?: number;
  readonly judge?: JudgeSection;
  readonly keepPreviousMs: number;
  /** How long a replica may be silent before it is judged stuck. Undefined when the file does not write it: 60 s. */
  readonly stuckAfterMs?: number;
}

export const onInconclusiveWords = ['hold', 'roll-back', 'promote'] as const;
export type OnInconclusive = (typeof onInconclusiveWords)[number];

/** What the judge of a step holds the new release to; what is not written is in `defaults.judge`. */
export interface JudgeSection {
  readonly falseRollbacksShare?: number;
  readonly errorMarginShare?: number;
  readonly latency?: { readonly quantile: number; readonly marginShare: number };
  readonly agreementAtLeastShare?: number;
  readonly labelMarginShare?: number;
  readonly atLeastMs?: number;
  readonly withinMs?: number;
  readonly onInconclusive?: OnInconclusive;
}

export interface GatewaySection {
  readonly clients?: ClientRules;
}

export interface CostSection {
  /** A price book beside the contract; left out where the record of the environment states prices. */
  readonly prices?: string;
  readonly budget?: { readonly amount: number; readonly currency: string; readonly perMs: number };
  readonly utilization?: { readonly operator: '>=' | '>'; readonly share: number };
}

export interface EnvironmentSection {
  readonly pool?: string;
  readonly platform: 'local' | 'kubernetes';
  readonly namespace?: string;
  readonly selector: Readonly<Record<string, string>>;
  /** Runtime class of pods that take accelerators. */
  readonly runtimeClass?: string;
}

/** A contract together with where it came from and what it digests to, section by section. */
export interface LoadedContract {
  readonly contract: Contract;
  /** Absolute path of plimsoll.yaml. */
  readonly file: string;
  /** Digest of each top-level section as written; a section that is not written has none. */
  readonly sectionDigests: Readonly<Record<string, Digest>>;
  /** What `plimsoll check` refuses, and a stored contract may hold (`listCheckRefusals`). Left out where there is nothing. */
  readonly refused?: readonly ContractProblem[];
}
