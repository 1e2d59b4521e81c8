import { atLeast, below, type OrderRow } from './order-row.ts';

const collected = 'docs/diagnosis.md, "The order of questions", 2026-11';
const psi = 'https://docs.kernel.org/accounting/psi.html, 2026-11';
const dcgm =
  'https://docs.nvidia.com/datacenter/dcgm/latest/user-guide/feature-overview.html#profiling-metrics, 2026-11';
const inferred = 'inferred: no published line, 2026-11';

/** Some request is under way at all times: below it the service has nothing to do for a part of the time. */
const isUnderDemand = atLeast('concurrentRequests', 1, 1);

/** The quota holds threads back: they wait, and no core is missing. */
const isHeldByQuota = atLeast('throttledPeriodShare', 0.05, 0.05);
/** Memory that is short drops pages of files, which are then read again. */
const isShortOfMemory = atLeast('memoryPressureShare', 0.01, 0.01);
/** A server that gets no processor takes requests up late, which looks like a slow network from the gateway. */
const isLateServer = [
  atLeast('busiestThreadShare', 0.9, 0.9),
  atLeast('threadWaitShare', 0.1, 0.1),
  isHeldByQuota,
  isShortOfMemory,
];

/**
 * The order of questions, as one table. First whether the load or the accelerator itself is the limit, then what starves it.
 * A row suspects; an experiment shows. Rows stand in the order in which suspicions are told.
 */
export const causeOrder: readonly OrderRow[] = [
  {
    cause: 'generator',
    // A tenth of an answer that waits for the generator is a tenth less load, however fast answers are.
    lines: [
      atLeast('generatorDelayMs', 10, 100),
      atLeast('generatorDelayShare', 0.1, 0.5),
      atLeast('generatorWaitShare', 0.5, 0.9),
      below('generatorAchievedShare', 0.99, 0.8),
    ],
    decides: 'any',
    beside: [],
    unless: [],
    busyEngine: 'clears',
    experiment: 'pinned-generator',
    source: collected,
  },
  {
    cause: 'memory-bound',
    lines: [atLeast('dramActiveShare', 0.75, 0.95)],
    decides: 'any',
    beside: [atLeast('smActiveShare', 0.8, 1)],
    unless: [],
    busyEngine: 'nothing',
    experiment: 'larger-batch',
    source: dcgm,
  },
  {
    cause: 'throttled',
    lines: [atLeast('harmfullyThrottledDevices', 1, 1)],
    decides: 'any',
    beside: [],
    unless: [],
    busyEngine: 'nothing',
    experiment: null,
    source: 'NVML, nvmlClocksEventReasons, 2026-11',
  },
  {
    cause: 'memory-repair',
    lines: [atLeast('devicesToBeReset', 1, 1)],
    decides: 'any',
    beside: [],
    unless: [],
    busyEngine: 'nothing',
    experiment: null,
    source: 'https://docs.nvidia.com/deploy/a100-gpu-mem-error-mgmt/index.html#row-remapping, 2026-11',
  },
  {
    cause: 'under-loaded',
    lines: [below('smActiveShare', 0.5, 0), below('engineRunShare', 0.5, 0)],
    decides: 'first-read',
    beside: [below('concurrentRequests', 1, 0), below('waitingRequests', 0.1, 0)],
    unless: [],
    busyEngine: 'clears',
    experiment: null,
    source: dcgm,
  },
  {
    cause: 'cpu-thread',
    lines: [atLeast('busiestThreadShare', 0.9, 1)],
    decides: 'any',
    beside: [],
    unless: [atLeast('preprocessOfThreadShare', 0.5, 0.5)],
    busyEngine: 'clears',
    experiment: 'synthetic-input',
    source: collected,
  },
  {
    cause: 'cpu-quota',
    lines: [atLeast('throttledPeriodShare', 0.05, 0.5)],
    decides: 'any',
    beside: [],
    unless: [],
    busyEngine: 'clears-on-accelerator',
    experiment: 'lifted-quota',
    source: 'https://docs.kernel.org/scheduler/sched-bwc.html, 2026-11',
  },
  {
    cause: 'cpu-pressure',
    lines: [atLeast('threadWaitShare', 0.1, 0.5), atLeast('cpuPressureShare', 0.1, 0.5)],
    decides: 'first-read',
    beside: [],
    unless: [isHeldByQuota],
    busyEngine: 'clears-on-accelerator',
    experiment: 'other-cores',
    source: psi,
  },
  {
    cause: 'pcie-link',
    lines: [below('linkGenerationShare', 1, 0.25), below('linkWidthShare', 1, 0.25)],
    decides: 'any',
    beside: [],
    unless: [],
    busyEngine: 'clears',
    experiment: 'preloaded-data',
    source: 'PCI Express Base Specification 6.0, link capabilities, 2026-11',
  },
  {
    cause: 'pcie-traffic',
    lines: [atLeast('busUseShare', 0.7, 0.95)],
    decides: 'any',
    beside: [],
    unless: [],
    busyEngine: 'clears',
    experiment: 'second-copy-stream',
    source: collected,
  },
  {
    cause: 'numa',
    lines: [atLeast('devicesOnOtherNumaNode', 1, 1)],
    decides: 'any',
    beside: [],
    unless: [],
    busyEngine: 'clears',
    experiment: 'other-cores',
    source: 'https://docs.kernel.org/admin-guide/mm/numa_memory_policy.html, 2026-11',
  },
  {
    cause: 'peer-access',
    lines: [atLeast('devicesWithoutPeers', 1, 1)],
    decides: 'any',
    beside: [],
    unless: [],
    busyEngine: 'clears',
    experiment: null,
    source: 'NVML, nvmlDeviceGetP2PStatus, 2026-11',
  },
  {
    cause: 'storage',
    lines: [
      atLeast('ioPressureShare', 0.05, 0.5),
      atLeast('diskBusyShare', 0.8, 1),
      // The pressure of a busy node hides that of a replica: something else runs while it waits.
      atLeast('replicaReadBytesPerSecond', 1e6, 100e6),
    ],
    decides: 'any',
    beside: [],
    unless: [isShortOfMemory],
    busyEngine: 'clears-on-accelerator',
    experiment: 'preloaded-data',
    source: psi,
  },
  {
    cause: 'page-cache',
    lines: [
      atLeast('majorFaultsPerSecond', 10, 200),
      atLeast('refaultedPagesPerSecond', 100, 5_000),
      atLeast('replicaReadBytesPerSecond', 1e6, 100e6),
    ],
    decides: 'any',
    beside: [],
    unless: [isShortOfMemory],
    busyEngine: 'clears-on-accelerator',
    experiment: 'warm-page-cache',
    source: inferred,
  },
  {
    cause: 'memory-pressure',
    lines: [
      atLeast('memoryPressureShare', 0.01, 0.2),
      atLeast('swappedInPagesPerSecond', 10, 1_000),
      atLeast('memoryLimitHitsPerSecond', 10, 1_000),
    ],
    decides: 'any',
    beside: [],
    unless: [],
    busyEngine: 'clears-on-accelerator',
    experiment: 'released-memory',
    source: psi,
  },
  {
    cause: 'network',
    lines: [atLeast('transferTimeShare', 0.3, 0.8)],
    decides: 'any',
    // A tiny model is soon done: most of its few milliseconds are the way, and no network is slow.
    beside: [atLeast('transferMs', 5, 5)],
    unless: isLateServer,
    busyEngine: 'clears',
    experiment: 'direct-to-replica',
    source: collected,
  },
  {
    cause: 'network',
    lines: [atLeast('retransmittedShare', 0.01, 0.05), atLeast('interfaceUseShare', 0.8, 1)],
    decides: 'any',
    beside: [],
    unless: [],
    busyEngine: 'clears',
    experiment: 'direct-to-replica',
    source: collected,
  },
  {
    cause: 'preprocessing',
    lines: [atLeast('preprocessTimeShare', 0.3, 0.8)],
    decides: 'any',
    beside: [],
    unless: [],
    busyEngine: 'clears',
    experiment: 'synthetic-input',
    source: inferred,
  },
  {
    // With many requests under way each waits for the thread, and only a small part of its time is its own preparation.
    cause: 'preprocessing',
    lines: [atLeast('preprocessOfThreadShare', 0.5, 1)],
    decides: 'any',
    beside: [atLeast('busiestThreadShare', 0.9, 1)],
    unless: [],
    busyEngine: 'clears',
    experiment: 'synthetic-input',
    source: inferred,
  },
  {
    cause: 'batching',
    lines: [atLeast('batchWaitTimeShare', 0.3, 0.8)],
    decides: 'any',
    beside: [below('engineRunShare', 0.8, 0)],
    unless: [],
    busyEngine: 'clears',
    experiment: 'smaller-batch-wait',
    source: inferred,
  },
  {
    cause: 'batching',
    lines: [atLeast('waitingBatches', 3, 16)],
    decides: 'any',
    beside: [isUnderDemand],
    unless: [],
    busyEngine: 'nothing',
    experiment: 'larger-batch',
    source: inferred,
  },
  {
    cause: 'queue',
    lines: [atLeast('queueTimeShare', 0.3, 0.8)],
    decides: 'any',
    beside: [],
    unless: [],
    busyEngine: 'clears',
    experiment: 'direct-to-replica',
    source: inferred,
  },
  {
    cause: 'upstream',
    lines: [atLeast('upstreamTimeShare', 0.3, 0.8)],
    decides: 'any',
    beside: [],
    unless: [],
    busyEngine: 'clears',
    experiment: 'stubbed-upstream',
    source: inferred,
  },
];
