/**
 * Asks the cluster whose token of a service account this is.
 * @returns its subject, `system:serviceaccount:NAMESPACE:NAME`; null for a token that is not valid, or of another audience.
 * @throws PlimsollError where the cluster cannot say it (unavailable, unauthorized).
 */
export type ReviewToken = (token: string, signal: AbortSignal) => Promise<string | null>;
