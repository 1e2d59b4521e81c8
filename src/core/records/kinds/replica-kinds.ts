import { always, isFlag, isList, isNumber, isObject, isText, isTexts, oneOf, orNull, sometimes } from '../facts.ts';

/** A replica as it was seen. */
const seen = {
  replicaId: always(isText),
  pair: always(isText),
  release: always(isNumber),
  state: always(oneOf('pending', 'starting', 'ready', 'asleep', 'stuck', 'draining', 'stopped', 'failed')),
  reason: always(isText),
  pid: always(orNull(isNumber)),
  node: always(isText),
  restarts: always(isNumber),
  startedAtMs: always(isNumber),
  readyAtMs: always(orNull(isNumber)),
  phases: always(isList),
  /** The spare that it was made of; absent where it was started as its own process. */
  spare: sometimes(isText),
  /** Its accelerators and who told of them; absent where the platform hands out none. */
  devices: sometimes(isObject),
};

/** What happens to replicas, to their starts and to the hardware under them. */
export const replicaKinds = {
  /** Every replica of the live release fails its golden replays. */
  'golden.left-everywhere': {
    release: always(isNumber),
    replicas: always(isTexts),
    /** Null where triage names none. */
    cause: always(orNull(isText)),
    because: always(isText),
  },
  'hardware.changed': { change: always(isText), found: always(isObject), before: always(orNull(isObject)) },
  /** An accelerator under the service is below its peers, or with them again. */
  'hardware.left-peers': {
    node: always(isText),
    device: always(isText),
    fact: always(oneOf('bandwidth', 'link-width', 'link-generation', 'clock')),
    /** Null where it is with them again. */
    value: always(orNull(isNumber)),
    median: always(isNumber),
    peers: always(isNumber),
    change: always(oneOf('left', 'returned')),
  },
  'hardware.unreadable': { reason: always(isText) },
  'replica.admitted': {
    replicaId: always(isText),
    release: always(isNumber),
    golden: always(orNull(isText)),
    cases: always(isNumber),
    largest: always(orNull(isObject)),
    tookMs: always(isNumber),
    /** Fingerprint of what it runs with; absent where it was not known. */
    runtime: sometimes(isText),
  },
  'replica.adopted': seen,
  'replica.diverged': {
    replicaId: always(isText),
    release: always(isNumber),
    node: always(orNull(isText)),
    path: always(oneOf('gateway', 'direct')),
    reason: always(isText),
    /** Null where triage abstains. */
    cause: always(orNull(isText)),
    because: always(isText),
  },
  'replica.agrees': {
    replicaId: always(isText),
    release: always(isNumber),
    node: always(orNull(isText)),
    because: always(oneOf('passes again', 'is gone')),
  },
  'replica.draining': seen,
  'replica.failed': seen,
  'replica.gone': seen,
  /** Somebody, or the watch, asks to keep it from traffic; it waits while it is the last one that serves. */
  'replica.isolation-asked': {
    replicaId: always(isText),
    reason: always(isText),
    untilMs: always(isNumber),
    waits: always(isFlag),
  },
  'replica.isolated': { replicaId: always(isText), reason: always(isText), untilMs: always(isNumber) },
  'replica.isolation-ended': { replicaId: always(isText), reason: always(isText) },
  'replica.returning': { replicaId: always(isText), reason: always(isText) },
  'replica.pending': seen,
  'replica.ready': seen,
  'replica.rejected': {
    replicaId: always(isText),
    release: always(isNumber),
    golden: always(orNull(isText)),
    reason: always(isText),
    offence: always(orNull(isObject)),
  },
  'replica.asleep': seen,
  /** It did not sleep or wake as it was told, and is stopped. */
  'replica.sleep-failed': { replicaId: always(isText), order: always(oneOf('sleep', 'wake')), reason: always(isText) },
  'replica.starting': seen,
  /** Its process is there and nothing moves: it leaves traffic, and is ended. */
  'replica.stuck': {
    ...seen,
    /** Last lines of its output, counters of its engine, and its accelerators, as far as they could be read. */
    evidence: sometimes(isObject),
  },
  'replica.stopped': seen,
  /** It serves again, this long after it was told to wake. */
  'replica.woken': { replicaId: always(isText), tookMs: always(isNumber) },
  'replicas.wanted': {
    set: always(isText),
    replicas: always(isNumber),
    reason: always(isText),
    /** Absent where no release wants the set any more. */
    release: sometimes(isNumber),
    stopFirst: sometimes(isTexts),
  },
  'start.budget-broken': { reason: always(isText), budget: always(isObject), starts: always(isNumber) },
  /** Live starts take another time than the cold-start evidence tells. */
  'start.departed': { reason: always(isText) },
  'start.outlier': {
    replicaId: always(isText),
    release: always(isNumber),
    node: always(isText),
    totalMs: always(isNumber),
    outcome: always(oneOf('running', 'ready', 'failed')),
    departures: always(isList),
  },
} as const;
