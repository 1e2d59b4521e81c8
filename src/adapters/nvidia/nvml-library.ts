type Callable = (...parameters: readonly unknown[]) => unknown;

/** Return codes of nvml.h (CUDA 13), as their constants are called. */
const names: Readonly<Record<number, string>> = {
  1: 'UNINITIALIZED',
  2: 'INVALID_ARGUMENT',
  3: 'NOT_SUPPORTED',
  4: 'NO_PERMISSION',
  6: 'NOT_FOUND',
  7: 'INSUFFICIENT_SIZE',
  8: 'INSUFFICIENT_POWER',
  9: 'DRIVER_NOT_LOADED',
  10: 'TIMEOUT',
  11: 'IRQ_ISSUE',
  12: 'LIBRARY_NOT_FOUND',
  13: 'FUNCTION_NOT_FOUND',
  14: 'CORRUPTED_INFOROM',
  15: 'GPU_IS_LOST',
  16: 'RESET_REQUIRED',
  17: 'OPERATING_SYSTEM',
  18: 'LIB_RM_VERSION_MISMATCH',
  19: 'IN_USE',
  20: 'MEMORY',
  21: 'NO_DATA',
  22: 'VGPU_ECC_NOT_SUPPORTED',
  23: 'INSUFFICIENT_RESOURCES',
  25: 'ARGUMENT_VERSION_MISMATCH',
  26: 'DEPRECATED',
  27: 'NOT_READY',
  28: 'GPU_NOT_FOUND',
  29: 'INVALID_STATE',
  999: 'UNKNOWN',
};

export const notSupported = 3;
export const noPermission = 4;
export const notFound = 6;
export const libraryNotFound = 12;
export const versionMismatch = 18;

/** The answer of one function of NVML; `reason` is for people. */
export type NvmlAnswer = { readonly code: 0 } | { readonly code: number | null; readonly reason: string };

/**
 * Type of a parameter. A `handle` is a pointer that NVML gave, as a number; a `buffer` is memory of ours that it writes to.
 */
export type NvmlParameter =
  { readonly handle: bigint } | { readonly uint: number } | { readonly buffer: ArrayBufferView };

/**
 * NVML by its C interface. Functions are looked up by name when they are called, since older drivers lack the newer ones:
 * a missing one is an answer with code null, and not an error.
 */
export interface NvmlLibrary {
  call(name: string, parameters: readonly NvmlParameter[]): NvmlAnswer;
}

/** @throws Error when there is no such library, or koffi has no build for this platform. */
export async function openNvmlLibrary(file: string): Promise<NvmlLibrary> {
  const { default: koffi } = await import('koffi');
  const library = koffi.load(file);
  const functions = new Map<string, Callable | null>();
  const lookUp = (name: string, parameters: readonly NvmlParameter[]): Callable | null => {
    const known = functions.get(name);
    if (known !== undefined) return known;
    let found: Callable | null = null;
    try {
      found = library.func(name, 'int', parameters.map(typeOf)) as Callable;
    } catch {
      // koffi throws for a symbol that is not in the library.
    }
    functions.set(name, found);
    return found;
  };
  return {
    call(name, parameters) {
      const callable = lookUp(name, parameters);
      if (callable === null) return { code: null, reason: `this driver's NVML has no ${name}` };
      const code = callable(...parameters.map(valueOf));
      if (code === 0) return { code: 0 };
      const number = typeof code === 'number' ? code : 999;
      return { code: number, reason: `${name} answers ${names[number] ?? `error ${number}`}` };
    },
  };
}

function typeOf(parameter: NvmlParameter): string {
  if ('handle' in parameter) return 'uintptr_t';
  return 'uint' in parameter ? 'unsigned int' : 'void *';
}

function valueOf(parameter: NvmlParameter): unknown {
  if ('handle' in parameter) return parameter.handle;
  return 'uint' in parameter ? parameter.uint : parameter.buffer;
}
