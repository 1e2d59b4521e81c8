import {
  always,
  isFlag,
  isList,
  isNumber,
  isObject,
  isText,
  isTexts,
  oneOf,
  orNull,
  recordOf,
  sometimes,
} from '../facts.ts';

const asked = { ask: always(isText), bundle: always(isText) };
const isAxis = oneOf('code', 'model');

/** What becomes of releases, of rollbacks, and of the bars and waivers that they meet. */
export const releaseKinds = {
  'bar.added': {
    axis: always(isAxis),
    digest: always(isText),
    release: always(orNull(isNumber)),
    reason: always(isText),
    /** The command that lifts it. */
    lift: sometimes(isText),
  },
  'bar.lifted': { axis: always(isAxis), digest: always(isText), reason: always(isText) },
  /** The control plane countersigns who sent evidence that it had not seen before: `receipt` as `EvidenceReceipt`. */
  'evidence.received': {
    kind: always(isText),
    digest: always(isText),
    sender: always(isText),
    /** Of a CI job, as `CiIdentity`. */
    job: sometimes(isObject),
    receipt: sometimes(isObject),
  },
  /** A bundle that differs from the release's only in evidence: no new release. */
  'evidence.renewed': { ...asked, release: always(isNumber) },
  /** Somebody else than the releaser approved it, as the policy of the environment asks. */
  'release.approved': { bundle: always(isText), reason: always(isText) },
  'release.cancelled': { ...asked, reason: always(isText) },
  'release.created': {
    release: always(isNumber),
    code: always(isText),
    model: always(recordOf({ name: always(isText), version: always(isNumber), digest: always(isText) })),
    pair: always(isText),
    unprovenPair: always(isFlag),
    cause: always(isObject),
    waivers: always(isList),
    staleEvidence: sometimes(isTexts),
    ask: sometimes(isText),
  },
  'release.failed': {
    release: always(orNull(isNumber)),
    live: always(orNull(isNumber)),
    reason: always(isText),
    /** Of the step that it was in. */
    step: sometimes(orNull(isNumber)),
    judged: sometimes(isFlag),
    judgement: sometimes(orNull(isObject)),
    /** Who took it back, and why, where a person did. */
    aborted: sometimes(recordOf({ by: always(isText), reason: always(isText) })),
  },
  'release.fetching': { ...asked, place: always(isText), totalBytes: always(orNull(isNumber)) },
  'release.live': {
    release: always(isNumber),
    left: always(orNull(isNumber)),
    previous: always(orNull(isObject)),
    reason: always(isText),
  },
  'release.refused': {
    /** Null where the bundle was refused before it told them. */
    model: always(orNull(isText)),
    code: always(orNull(isText)),
    refusals: always(isList),
    ask: sometimes(isText),
    bundle: sometimes(isText),
  },
  'release.requested': { ...asked, again: always(isFlag), waivers: always(isList) },
  'release.retired': { release: always(isNumber), reason: always(oneOf('adopted', 'displaced', 'expired')) },
  'release.superseded': { release: always(isNumber), by: always(isNumber) },
  'rollback.carried-over': {
    journaled: always(isText),
    journaledAtMs: always(isNumber),
    release: always(isNumber),
    emergency: always(isFlag),
  },
  'rollback.not-carried-over': {
    journaled: always(isText),
    journaledAtMs: always(isNumber),
    axis: always(isAxis),
    to: always(isNumber),
    reason: always(isText),
    why: always(isText),
  },
  'rollback.refused': {
    axis: always(isAxis),
    to: always(orNull(isNumber)),
    code: always(isText),
    reason: always(isText),
  },
  'waiver.recorded': {
    kind: always(isText),
    reason: always(isText),
    untilMs: always(isNumber),
    /** True where it covers what was measured and fails. */
    failing: sometimes(isFlag),
  },
  'waiver.withdrawn': { kind: always(isText), reason: always(isText), withdrawn: always(isList) },
} as const;
