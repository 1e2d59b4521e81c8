/** Parameters by their C types: numbers for int and uint, bigint for size_t, pointers and handles, memory of ours as a view. */
type Parameter = number | bigint | ArrayBufferView | null;
type Callable = (...parameters: readonly Parameter[]) => number;

/** The forms of the CUDA driver API that a preflight uses, as cuda.h of CUDA 12 declares them. `H`: a handle or a device address. */
const forms = {
  cuInit: 'uint',
  cuDeviceGetCount: '*',
  cuDeviceGet: '* int',
  cuDeviceGetUuid_v2: '* int',
  cuDeviceGetAttribute: '* int int',
  cuDevicePrimaryCtxRetain: '* int',
  cuDevicePrimaryCtxRelease_v2: 'int',
  cuCtxGetCurrent: '*',
  cuCtxSetCurrent: 'H',
  cuCtxSynchronize: '',
  cuCtxEnablePeerAccess: 'H uint',
  cuDeviceCanAccessPeer: '* int int',
  cuMemGetInfo_v2: '* *',
  cuMemAlloc_v2: '* H',
  cuMemFree_v2: 'H',
  cuMemHostRegister_v2: '* H uint',
  cuMemHostUnregister: '*',
  cuMemcpyHtoD_v2: 'H * H',
  cuMemcpyDtoH_v2: '* H H',
  cuMemcpyPeer: 'H H H H H',
  cuModuleLoadData: '* *',
  cuModuleUnload: 'H',
  cuModuleGetFunction: '* H *',
  cuLaunchKernel: 'H uint uint uint uint uint uint uint H * *',
} as const;
export type CudaFunction = keyof typeof forms;

/** Why a call of the driver did not succeed. */
export class CudaError extends Error {
  override readonly name = 'CudaError';
  readonly code: number | null;
  constructor(call: string, code: number | null, answered: string) {
    super(`${call} ${answered}`);
    this.code = code;
  }
}

/** `libcuda.so.1` by its C interface. Functions are looked up when they are called: an older driver lacks the newer ones. */
export interface CudaLibrary {
  /** @throws CudaError where the driver answers another code than 0, or has no such function. */
  call(name: CudaFunction, ...parameters: readonly Parameter[]): void;
  /** A number or a handle that the driver writes to its first parameter. @throws CudaError */
  ask(name: CudaFunction, ...parameters: readonly Parameter[]): bigint;
  /** The address of memory of ours. */
  addressOf(memory: ArrayBufferView): bigint;
}

/** @throws Error when there is no such library, or koffi has no build for this platform. */
export async function openCudaLibrary(file: string): Promise<CudaLibrary> {
  const { default: koffi } = await import('koffi');
  const library = koffi.load(file);
  const found = new Map<string, Callable>();
  const lookUp = (name: CudaFunction): Callable => {
    const known = found.get(name);
    if (known !== undefined) return known;
    const types = forms[name].split(' ').filter((form) => form !== '');
    try {
      const made = library.func(name, 'int', types.map(typeOf)) as Callable;
      found.set(name, made);
      return made;
    } catch {
      throw new CudaError(name, null, 'is not in this driver');
    }
  };
  const nameOf = (code: number): string => {
    try {
      const out = new BigUint64Array(1);
      const ask = library.func('cuGetErrorName', 'int', ['int', 'void *']) as Callable;
      if (ask(code, out) === 0 && out[0] !== undefined) return String(koffi.decode(out[0], 'char', -1));
    } catch {
      // The number says it as well.
    }
    return `error ${code}`;
  };
  const call = (name: CudaFunction, ...parameters: readonly Parameter[]): void => {
    const code = lookUp(name)(...parameters);
    if (code !== 0) throw new CudaError(name, code, `answers ${nameOf(code)} (${code})`);
  };
  return {
    call,
    ask(name, ...parameters) {
      const out = new BigUint64Array(1);
      call(name, out, ...parameters);
      return out[0] ?? 0n;
    },
    addressOf: (memory) => koffi.address(memory),
  };
}

function typeOf(form: string): string {
  if (form === 'H') return 'uintptr_t';
  if (form === '*') return 'void *';
  return form === 'uint' ? 'unsigned int' : 'int';
}
