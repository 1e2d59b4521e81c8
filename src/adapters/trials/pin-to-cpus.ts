/** A set of CPUs of the kernel has 1024 places in glibc. */
const setBytes = 128;

/**
 * What binds this thread to CPUs, so that memory that it touches for the first time comes from their NUMA node. Where the C library has
 * no such call nothing is bound.
 */
export async function openPinning(): Promise<(cpus: readonly number[]) => void> {
  const { default: koffi } = await import('koffi');
  try {
    const bind = koffi.load('libc.so.6').func('sched_setaffinity', 'int', ['int', 'size_t', 'void *']);
    return (cpus) => {
      const set = new Uint8Array(setBytes);
      for (const cpu of cpus) {
        if (cpu >= 0 && cpu < setBytes * 8) set[cpu >> 3] = (set[cpu >> 3] ?? 0) | (1 << (cpu & 7));
      }
      bind(0, setBytes, set);
    };
  } catch {
    return () => undefined;
  }
}
