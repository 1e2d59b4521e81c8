/**
 * How a gateway process is started, by the supervisor and by the benchmarks alike. Measured with `npm run bench -- memory`:
 *
 * | flag | why |
 * |---|---|
 * | --max-semi-space-size=8 | V8 otherwise lets the young generation grow to three times 16 MB under a stream of short-lived requests |
 * | --initial-old-space-size=16 | an early first full collection; until it V8 promotes what dead objects still point to, some 2 kB a request |
 * | --max-old-space-size=512 | a bound for 10,000 connections |
 */
export const gatewayNodeFlags: readonly string[] = [
  '--max-semi-space-size=8',
  '--initial-old-space-size=16',
  '--max-old-space-size=512',
];

/** One malloc arena instead of one a thread: glibc otherwise keeps some 40 MB of freed socket buffers in them. */
export const gatewayProcessEnvironment: Readonly<Record<string, string>> = { MALLOC_ARENA_MAX: '1' };
