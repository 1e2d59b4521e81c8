/**
 * How a gateway process is started, by the supervisor and by the benchmarks alike. Measured with `npm run bench -- memory`:
 *
 * | flag | why |
 * |---|---|
 * | --max-semi-space-size=8 | V8 otherwise lets the young generation grow to three times 16 MB under a stream of short-lived requests |
 * | --initial-old-space-size=16 | an early first full collection, which frees what the start left in the old generation |
 * | --max-old-space-size=512 | a bound for 10,000 connections |
 * | --v8-pool-size=1 | one thread for compiling and collecting beside the main one: each more keeps some 10 MB of freed memory in a malloc arena of its own |
 */
export const gatewayNodeFlags: readonly string[] = [
  '--max-semi-space-size=8',
  '--initial-old-space-size=16',
  '--max-old-space-size=512',
  '--v8-pool-size=1',
];
