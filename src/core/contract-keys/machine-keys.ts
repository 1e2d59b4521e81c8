import { requiredFacts } from '../contract/contract.ts';
import type { KeyDoc } from './key-doc.ts';

export const machineKeys: readonly KeyDoc[] = [
  {
    key: 'hardware',
    meaning:
      'What every device that a replica lands on must offer. Asks for hardware evidence, one verdict per device class of the pool.',
    form: 'a section with `accelerator`',
    default: 'not written: no hardware evidence is asked for',
    example: '{ accelerator: nvidia, computeCapability: ">=8.0", memory: 20GiB }',
  },
  {
    key: 'hardware.accelerator',
    meaning: 'Kind of device that the model runs on. With `cpu` the keys about an accelerator do not apply.',
    form: '`nvidia` or `cpu`',
    default: null,
    example: 'nvidia',
  },
  {
    key: 'hardware.computeCapability',
    meaning:
      'CUDA compute capability of each device of the replica. Lower limit and, where written, upper limit of the device itself, not of the kernels in the image.',
    form: 'a version range in quotes such as `">=8.0"`',
    default: 'any that the kernels found in the image run on',
    example: '">=8.0"',
  },
  {
    key: 'hardware.memory',
    meaning: 'Accelerator memory that one replica needs on each of its devices, at least. Not host memory.',
    form: 'a size such as `20GiB` or `20Gi` (2^30), or `20GB` (10^9)',
    default:
      'what follows from the weights, `model.context` and `model.concurrency`; unknown where that leaves it open',
    example: '20GiB',
  },
  {
    key: 'hardware.host',
    meaning:
      'What one replica takes of its node beside accelerators. Kubernetes places it where so much is free; the local platform does not look at it.',
    form: 'a section with `cpus`, `memory` or `shmSize`',
    default: 'not said',
    example: '{ cpus: 2, memory: 4GiB }',
  },
  {
    key: 'hardware.host.cpus',
    meaning: 'Processor cores of one replica, at least. It may use idle ones too.',
    form: 'a number of cores from 0.001 to 1024',
    default: 'not said',
    example: '0.5',
  },
  {
    key: 'hardware.host.memory',
    meaning: 'Memory of one replica on its node. One that takes more is ended.',
    form: 'a size such as `4GiB` or `4Gi` (2^30), or `4GB` (10^9)',
    default: 'not said, and not limited',
    example: '4GiB',
  },
  {
    key: 'hardware.host.shmSize',
    meaning:
      'Size of `/dev/shm` of one replica, as Docker calls it (`--shm-size`). Kubernetes mounts a volume in memory. What is written there counts as memory of the replica. The local platform mounts nothing: its nodes are judged by what they have.',
    form: 'a size such as `8GiB` or `8Gi` (2^30), or `8GB` (10^9), below `hardware.host.memory`',
    default:
      '1 GiB for each device where `hardware.devices` is above 1; else what the container runtime gives, which is 64 MiB',
    example: '8GiB',
  },
  {
    key: 'hardware.devices',
    meaning: 'Number of devices per replica, all on one node.',
    form: 'a whole number from 1 to 64',
    default: '1',
    example: '1',
  },
  {
    key: 'hardware.driver',
    meaning: 'Version of the NVIDIA kernel driver on the node, as nvidia-smi reports it.',
    form: 'a version range in quotes such as `">=550.54.14"`',
    default: 'what the CUDA found in the image asks for',
    example: '">=550.54.14"',
  },
  {
    key: 'hardware.cuda',
    meaning: 'Version of CUDA that the driver of the node offers, not the toolkit in the image.',
    form: 'a version range in quotes such as `">=12.4"`',
    default: 'what the image was built with',
    example: '">=12.4"',
  },
  {
    key: 'hardware.runtime',
    meaning: 'Versions of the inference runtimes that the service is known to work with.',
    form: 'runtime names with version ranges',
    default: '{}: any',
    example: '{ onnxruntime: ">=1.20 <1.22" }',
  },
  {
    key: 'hardware.runtime.<name>',
    meaning: 'Versions of this one runtime, as found in the image or in this installation.',
    form: 'a version range in quotes such as `">=1.20 <1.22"`',
    default: 'any',
    example: '">=1.20 <1.22"',
  },
  {
    key: 'hardware.sharing',
    meaning:
      'Ways of sharing a device that the service tolerates. Not a wish: the packer may choose any that is named.',
    form: 'a list of `exclusive`, `mig`, `mps`, `time-slicing`',
    default: '[exclusive]',
    example: '[exclusive, mig]',
  },
  {
    key: 'hardware.allow',
    meaning:
      'Compatibility verdicts that are good enough, per device: `native` (the driver is as new as the CUDA), `minor-version` (same major), `forward` (by the cuda-compat package).',
    form: 'a list of `native`, `minor-version`, `forward`',
    default: '[native, minor-version, forward]',
    example: '[native, minor-version]',
  },
  {
    key: 'hardware.libraries',
    meaning:
      'Libraries without whose device code the service does not run, by name or part of a name. They count also where the tables call them optional.',
    form: 'a list of names',
    default: 'what the tables say of each library',
    example: '[flash_attn_2_cuda]',
  },
  {
    key: 'hardware.require',
    meaning:
      'Facts of a device, its node, the image and the model that must have been read. Where one was not, the device fails; without this key a pass names it as not checked.',
    form: `a list of ${requiredFacts.map((name) => `\`${name}\``).join(', ')}`,
    default: '[]: nothing',
    example: '[fabric, health]',
  },
  {
    key: 'hardware.preflight',
    meaning:
      'Greatest age of an active preflight (`plimsoll probe --active`) that each node must have passed. A node without one fails, also for `plimsoll exec` and `serve-model`.',
    form: 'a duration',
    default: 'not written: none is asked for',
    example: '24h',
  },
  {
    key: 'hardware.instructions',
    meaning:
      'Instruction sets that libraries of the service use and do not say, as `/proc/cpuinfo` names them. A CPU without one of them fails; one that was not read is unknown.',
    form: 'a list of flags such as `avx512f`',
    default: 'what the libraries of the image say',
    example: '[avx2, avx512f]',
  },
  {
    key: 'objective',
    meaning:
      'What clients are promised while the service is warm. Capacity is measured and scaling is simulated against it, the watch compares with it.',
    form: 'a section',
    default: 'not written: nothing is promised',
    example: '{ latency: { p99: 50ms }, availability: 99.9% }',
  },
  {
    key: 'objective.latency',
    meaning: 'Time from the arrival of a request at the gateway to the last byte of its answer, queueing included.',
    form: 'quantiles such as `p99` with durations',
    default: 'not promised',
    example: '{ p99: 50ms }',
  },
  {
    key: 'objective.latency.<quantile>',
    meaning: 'Upper limit of this quantile: `p99: 50ms` says that 99 of 100 requests take at most 50 ms.',
    form: 'a duration above zero such as `50ms`',
    default: 'not promised',
    example: '50ms',
  },
  {
    key: 'objective.ttft',
    meaning: 'For token streams: time from the arrival at the gateway to the first token (time to first token).',
    form: 'quantiles such as `p95` with durations',
    default: 'not promised',
    example: '{ p95: 400ms }',
  },
  {
    key: 'objective.ttft.<quantile>',
    meaning: 'Upper limit of this quantile of the time to the first token.',
    form: 'a duration above zero such as `400ms`',
    default: 'not promised',
    example: '400ms',
  },
  {
    key: 'objective.interToken',
    meaning:
      'For token streams: mean time between two tokens of one answer, from its first to its last (also called inter-token latency, or time per output token).',
    form: 'quantiles such as `p95` with durations',
    default: 'not promised',
    example: '{ p95: 40ms }',
  },
  {
    key: 'objective.interToken.<quantile>',
    meaning: 'Upper limit of this quantile of the time between tokens.',
    form: 'a duration above zero such as `40ms`',
    default: 'not promised',
    example: '40ms',
  },
  {
    key: 'objective.goodput',
    meaning:
      'For token streams: share of the requests that are inside `latency`, `ttft` and `interToken` at once, each by its highest quantile. Capacity is judged by it.',
    form: 'a percentage such as `95%`',
    default: 'not promised',
    example: '95%',
  },
  {
    key: 'objective.availability',
    meaning:
      'Share of requests that are answered without an error of the service, counted at the gateway over 30 days. Refusals of bad requests do not count against it.',
    form: 'a percentage such as `99.9%`',
    default: 'not promised',
    example: '99.9%',
  },
  {
    key: 'objective.horizon',
    meaning:
      'How long each run of `plimsoll capacity` lasts that shows whether a rate is sustained. A rate is sustained when at least 80% of such runs are inside the objective. The first quarter of each does not count.',
    form: 'a duration above zero such as `2m`',
    default: '2m',
    example: '2m',
  },
  {
    key: 'coldStart',
    meaning:
      'Budget for one replica from the decision to start it until it is ready, by quantile. Asks for cold-start evidence.',
    form: 'a section with at least one quantile such as `p90: 45s`',
    default: 'not written: no cold-start evidence is asked for',
    example: '{ p90: 45s, from: node-disk }',
  },
  {
    key: 'coldStart.<quantile>',
    meaning:
      'Upper limit of this quantile over measured starts of the tier `from`; compared by the upper one-sided 95% confidence limit, which takes 29 starts for p90, 59 for p95, 299 for p99.',
    form: 'a duration above zero such as `45s`',
    default: 'at least one quantile must be written',
    example: '45s',
  },
  {
    key: 'coldStart.from',
    meaning:
      'Tier that the budget speaks of: weights in the page cache of the node (`memory`), on the `node-disk` and not in that cache, or a `fresh-node` that has neither image nor weights.',
    form: '`memory`, `node-disk` or `fresh-node`',
    default: 'node-disk',
    example: 'node-disk',
  },
  {
    key: 'coldStart.phases',
    meaning:
      'Budgets of single phases, inside the whole. A phase that cannot be told apart from its neighbour is reported merged and compared with the sum.',
    form: 'phases with quantile budgets',
    default: '{}: only the whole is budgeted',
    example: '{ weights-load: { p90: 20s } }',
  },
  {
    key: 'coldStart.phases.<phase>',
    meaning:
      'Budget of one phase: `schedule`, `image-pull`, `process-start`, `weights-fetch`, `weights-load`, `engine-init` or `warm-up`.',
    form: 'quantiles such as `p90` with durations',
    default: 'this phase has no budget of its own',
    example: '{ p90: 20s }',
  },
  {
    key: 'coldStart.phases.<phase>.<quantile>',
    meaning: 'Upper limit of this quantile of the one phase.',
    form: 'a duration above zero such as `20s`',
    default: 'this phase has no budget of its own',
    example: '20s',
  },
  {
    key: 'coldStart.prePull',
    meaning:
      'Whether the platform brings the image to the nodes of the pool before a replica is scheduled there. No platform does yet: `plimsoll check` refuses `true`.',
    form: '`true` or `false`',
    default: 'false',
    example: 'false',
  },
];
