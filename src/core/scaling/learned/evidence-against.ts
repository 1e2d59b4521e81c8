/**
 * Evidence that promises are broken more often than their makers say: an e-process over promises, one after the other.
 *
 * Each promise, once it is checked, has a factor of at least 0 whose mean is at most 1, given all that came before, where what it was
 * made by is right. Promise j brings capital w(j) = 1 / (j (j + 1)) of its own, so that a fault which begins late is found nearly as soon as one
 * that is there from the beginning. The capital of those before, times the factor, and all that is not yet brought in is a supermartingale from 1:
 * it ever reaches 1 / alpha with a probability of at most alpha (Ville 1939; mixtures over the beginning: Shin, Ramdas and Rinaldo 2022).
 * JSON-safe.
 */
export interface EvidenceAgainst {
  readonly promises: number;
  readonly capital: number;
}

export const noEvidence: EvidenceAgainst = { promises: 0, capital: 0 };

/** Capital beyond it is not told apart, so that it stays a number. */
const capitalAtMost = 1e12;

/** Returns the evidence after one more promise was checked. @param factor at least 0, with a mean of at most 1 where belief is right */
export function addPromise({ promises, capital }: EvidenceAgainst, factor: number): EvidenceAgainst {
  const share = 1 / ((promises + 1) * (promises + 2));
  return { promises: promises + 1, capital: Math.min(capitalAtMost, (capital + share) * factor) };
}

/** Returns the e-value: what has been won and what was not staked yet. 1 at the beginning. */
export const evidenceOf = ({ promises, capital }: EvidenceAgainst): number => capital + 1 / (promises + 1);

/** Returns the same count of promises with nothing won: what is believed is another thing now. */
export const withoutCapital = ({ promises }: EvidenceAgainst): EvidenceAgainst => ({ promises, capital: 0 });
