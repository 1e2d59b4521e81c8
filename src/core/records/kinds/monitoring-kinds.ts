import { always, isFlag, isNumber, isObject, isText, isTexts, oneOf, orNull } from '../facts.ts';

const subjects = ['feature', 'group', 'aggregate', 'distance'] as const;
const named = { what: always(oneOf('feature', 'group', 'aggregate')), name: always(isText) };

/** What the watch of live answers finds, and what people say to it. */
export const monitoringKinds = {
  /** Live requests are of another mix than capacity was measured for. */
  'capacity.mix-left': {
    release: always(isNumber),
    reason: always(isText),
    requests: always(isNumber),
    /** Cost of a live request over a measured one; null where no surface was measured. */
    costRatio: always(orNull(isNumber)),
  },
  /** Somebody diagnosed the service. The finding is decided from the record whenever it is read. */
  'diagnosis.recorded': {
    found: always(oneOf('shown', 'undetermined', 'none')),
    cause: always(orNull(isText)),
    record: always(isObject),
  },
  'drift.alarm': {
    ...named,
    release: always(isNumber),
    /** The replica that differs from the others; null where all changed alike, or no comparison tells which. */
    replicaId: always(orNull(isText)),
    moved: always(isText),
    /** Capital at the crossing: an alarm is at 1. */
    statistic: always(isNumber),
  },
  /** Live data is further from the evaluated rows than `monitoring.tolerance`. */
  'drift.left-reference': { release: always(isNumber), reason: always(isText), features: always(isTexts) },
  'drift.diagnosed': {
    /** `distance` of live data that left its reference, else what an alarm named. */
    what: always(oneOf(...subjects)),
    name: always(isText),
    /** Null where triage abstains. */
    cause: always(orNull(isText)),
    remedy: always(orNull(isText)),
    because: always(isText),
  },
  /** What the watch did about an alarm by itself, or what kept it from acting. */
  'drift.remedied': {
    /** `replica` where golden replays failed without an alarm. */
    what: always(oneOf('feature', 'group', 'aggregate', 'replica')),
    name: always(isText),
    did: always(oneOf('isolate', 'roll-back', 'nothing')),
    replicas: always(isTexts),
    /** The release that a rollback made. */
    release: always(orNull(isNumber)),
    because: always(isText),
  },
  'drift.acknowledged': {
    /** Null where all alarms were acknowledged. */
    what: always(orNull(oneOf(...subjects))),
    name: always(orNull(isText)),
    reason: always(isText),
    newReference: always(isFlag),
  },
} as const;
