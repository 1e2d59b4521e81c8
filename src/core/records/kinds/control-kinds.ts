import { always, isList, isNumber, isObject, isText, oneOf, orNull, recordOf, sometimes } from '../facts.ts';

const running = { identity: always(isText), token: always(isNumber) };
const gateway = { gatewayId: always(isText), address: always(isText), pid: always(isNumber) };

const isTerms = (value: unknown): value is Readonly<Record<string, number | null>> =>
  isObject(value) && !Array.isArray(value) && Object.values(value).every(orNull(isNumber));

/** What happens to the control plane and its gateways, and what scaling decides. */
export const controlKinds = {
  /** A request that was refused before it became a decision; equal ones of a minute are one event. */
  'access.refused': {
    what: always(isText),
    code: always(isText),
    count: always(isNumber),
    /** Those that the request named; null where it named none. */
    service: always(orNull(isText)),
    environment: always(orNull(isText)),
  },
  /** A token that was kept for an emergency was used; equal uses of a minute are one event. */
  'access.break-glass': {
    what: always(isText),
    count: always(isNumber),
    service: always(orNull(isText)),
    environment: always(orNull(isText)),
  },
  'control-plane.started': running,
  'control-plane.stopped': running,
  'service.held': {},
  /** `scope` as `formatScope` writes it. */
  'service.claimed': { scope: always(isText) },
  'service.transferred': { scope: always(isText), from: always(orNull(isText)) },
  'service.leaving': {
    reason: always(isText),
    live: always(orNull(isNumber)),
    incoming: always(orNull(isNumber)),
  },
  'service.removed': {},
  /** Each change is `{ key, before, after }` in text, null where the key is not written. */
  'environment.changed': { version: always(isNumber), changes: always(isList) },
  'gateway.connected': gateway,
  'gateway.lost': gateway,
  'gateway.restarted': gateway,
  /** What the platform did by itself, or waits with: `what` as `PlatformNotice.kind`, of a set or a Service. */
  'platform.noticed': { what: always(isText), name: always(isText), message: always(isText) },
  'journal.damaged': { what: always(isText) },
  'scaling.decided': {
    release: always(isNumber),
    policy: always(recordOf({ name: always(isText), plimsollVersion: always(isText) })),
    actuator: always(oneOf('plimsoll', 'keda', 'none')),
    before: always(isNumber),
    desired: always(isNumber),
    /** Absent where nothing may sleep. */
    asleep: sometimes(isNumber),
    /** Null where it was not ordered: another one writes the number. */
    ordered: always(orNull(isNumber)),
    reason: always(isText),
    terms: always(isTerms),
    signals: always(isObject),
  },
  /** Replicas under load carry another rate than the capacity evidence tells. */
  'capacity.departed': { reason: always(isText) },
  /** The policy acts on feedback alone from now on, and by its evidence again. `learned` as `LearnedEvidence`. */
  'scaling.trust-lost': { release: always(isNumber), learned: always(isObject) },
  'scaling.trust-back': { release: always(isNumber), learned: always(isObject), lastedMs: always(isNumber) },
  'scaling.held': { reason: always(isText), ordered: always(orNull(isNumber)) },
} as const;
