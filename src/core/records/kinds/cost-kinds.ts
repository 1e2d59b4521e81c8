import { always, isNumber, isText, oneOf, orNull } from '../facts.ts';

const what = always(oneOf('budget', 'utilization'));

/** What the watch of the ledger finds. */
export const costKinds = {
  /** Invalidates the cost evidence. */
  'cost.broken': {
    what,
    release: always(isNumber),
    reason: always(isText),
    /** What saves most, in words. */
    remedy: always(isText),
    /** Why the time that it saves is idle; null where no change is known. */
    cause: always(orNull(isText)),
    /** Device-milliseconds that it saves at most in 24 hours; null without a cause. */
    idleMs: always(orNull(isNumber)),
    /** Millionths of `currency`; null where that time has no price. */
    micros: always(orNull(isNumber)),
    currency: always(orNull(isText)),
  },
  'cost.holds': { what, release: always(isNumber), reason: always(isText) },
} as const;
