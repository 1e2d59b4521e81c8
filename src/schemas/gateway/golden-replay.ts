/**
 * Field of a request that is meant for one replica and counts nowhere, `HMAC.REPLICA`: the HMAC-SHA-256 in hex of
 * `replayText` with the key that the control plane gives to gateways in its answers to their reports. The answer of the
 * replica carries the field too, with the name of the replica.
 */
export const replayHeader = 'plimsoll-replay';

/** Field of the answer to a report: the key of the service. It is another one in each process of the control plane. */
export const replayKeyHeader = 'plimsoll-replay-key';

/** A request id is taken once. */
export const replayText = (requestId: string, replicaId: string): string => `${requestId}\n${replicaId}`;
