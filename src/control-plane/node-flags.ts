/**
 * Flags of the control plane's Node, which answers tens of requests a second. Measured with `npm run bench -- memory`, as
 * published: 130 to 144 MB, 55 to 60 MB of it Node's own program. From sources it holds 50 to 60 MB more.
 *
 * | flag | why |
 * |---|---|
 * | --max-semi-space-size=2 | a small young generation: V8 otherwise lets it grow to three times 16 MB |
 * | --max-old-space-size=1024 | a bound, for a fleet of 1,000 services; one of 50 holds the same with 256 |
 * | --v8-pool-size=1 | one thread for compiling and collecting beside the main one: each keeps freed memory in a malloc arena of its own |
 * | --optimize-for-size | V8 lets the heap grow less between collections, and compiles less of what runs seldom |
 */
export const controlPlaneNodeFlags = [
  '--max-semi-space-size=2',
  '--max-old-space-size=1024',
  '--v8-pool-size=1',
  '--optimize-for-size',
] as const;

/**
 * Variables of the C library's allocator, where it is glibc: 9 to 14 MB less once the thread that parses has ended.
 *
 * | variable | why |
 * |---|---|
 * | MALLOC_ARENA_MAX=1 | each thread otherwise keeps what it freed in an arena of its own, also after it ended |
 * | MALLOC_TRIM_THRESHOLD_=131072 | fixed at its default: it otherwise grows with the largest block that was freed, and what loading took is kept |
 */
export const controlPlaneAllocator = { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '131072' } as const;
