import type { PreflightCheck } from '../../core/pool/preflight/preflight.ts';
import { CudaError, type CudaLibrary } from './cuda-library.ts';
import type { NumaNode } from './numa-nodes.ts';
import { timeCopies } from './time-copies.ts';
import type { CudaDevice, TrialLine } from './trial-line.ts';
import { kernelThreads, precisionKernels, type PrecisionKernel } from './cuda-kernels.ts';

export interface CudaTrialOptions {
  readonly ordinal: number;
  /** Name of the device in checks. */
  readonly name: string;
  /** Names of all devices by ordinal; the device is tried with each other one. */
  readonly names: readonly string[];
  readonly bytes: number;
  /** How long each copy is repeated. */
  readonly copyMs: number;
  readonly nodes: readonly NumaNode[];
}

const attribute = { major: 75, minor: 76 };

type Say = (line: TrialLine) => void;

/** Devices that the driver lists. @throws CudaError */
export function listCudaDevices(cuda: CudaLibrary): readonly CudaDevice[] {
  cuda.call('cuInit', 0);
  const count = readInt(cuda, 'cuDeviceGetCount');
  return Array.from({ length: Math.min(count, 64) }, (_, ordinal) => {
    const device = readInt(cuda, 'cuDeviceGet', ordinal);
    const uuid = new Uint8Array(16);
    cuda.call('cuDeviceGetUuid_v2', uuid, device);
    const read = (which: number): number => readInt(cuda, 'cuDeviceGetAttribute', which, device);
    return within(cuda, device, () => {
      const [free, total] = [new BigUint64Array(1), new BigUint64Array(1)];
      cuda.call('cuMemGetInfo_v2', free, total);
      return {
        ordinal,
        uuid: uuidText(uuid),
        capability: read(attribute.major) * 10 + read(attribute.minor),
        freeBytes: Number(free[0]),
        totalBytes: Number(total[0]),
      };
    });
  });
}

/**
 * Memory, copies, kernels and peers of one device. Each check is told as it ends, so that a driver that hangs in the next takes none
 * along. A check never throws: what the driver answers is its reason.
 */
export function tryDevice(
  cuda: CudaLibrary,
  options: CudaTrialOptions,
  pin: (cpus: readonly number[]) => void,
  say: Say,
): void {
  cuda.call('cuInit', 0);
  const device = readInt(cuda, 'cuDeviceGet', options.ordinal);
  const capability =
    readInt(cuda, 'cuDeviceGetAttribute', attribute.major, device) * 10 +
    readInt(cuda, 'cuDeviceGetAttribute', attribute.minor, device);
  const { name, names, ordinal } = options;
  within(cuda, device, () => {
    attempt(say, 'device-memory', name, () => {
      withDeviceMemory(cuda, options.bytes, (address) => {
        const [sent, back] = [makePattern(options.bytes, 1), Buffer.allocUnsafeSlow(options.bytes)];
        cuda.call('cuMemcpyHtoD_v2', address, sent, BigInt(options.bytes));
        cuda.call('cuMemcpyDtoH_v2', back, address, BigInt(options.bytes));
        demandSame(sent, back);
      });
      return {};
    });
    for (const node of options.nodes) {
      if (node.cpus !== null) pin(node.cpus);
      tryCopies(cuda, options, `${name} from ${node.name}`, say);
    }
    for (const kernel of precisionKernels.filter((one) => one.capability <= capability)) {
      attempt(say, 'kernel', `${name} ${kernel.precision}`, () => {
        runKernel(cuda, kernel);
        return {};
      });
    }
  });
  names.forEach((other, at) => {
    if (at !== ordinal) tryPeer(cuda, options, at, other, say);
  });
}

/** Memory that the driver may move pages of, then the same memory held in place: what engines copy from. */
function tryCopies(cuda: CudaLibrary, { bytes, copyMs }: CudaTrialOptions, of: string, say: Say): void {
  const host = makePattern(bytes, 2);
  const size = BigInt(bytes);
  const send = (): Measured =>
    withDeviceMemory(cuda, bytes, (address) =>
      timeCopies(bytes, copyMs, () => {
        cuda.call('cuMemcpyHtoD_v2', address, host, size);
        cuda.call('cuCtxSynchronize');
      }),
    );
  attempt(say, 'pageable-to-device', of, send);
  const held = attempt(say, 'host-to-device', of, () => {
    cuda.call('cuMemHostRegister_v2', host, size, 0);
    return null;
  });
  if (!held) return;
  try {
    attempt(say, 'host-to-device', of, send);
    attempt(say, 'device-to-host', of, () =>
      withDeviceMemory(cuda, bytes, (address) => {
        const sent = makePattern(bytes, 3);
        cuda.call('cuMemcpyHtoD_v2', address, sent, size);
        const rate = timeCopies(bytes, copyMs, () => {
          cuda.call('cuMemcpyDtoH_v2', host, address, size);
          cuda.call('cuCtxSynchronize');
        });
        demandSame(sent, host);
        return rate;
      }),
    );
  } finally {
    cuda.call('cuMemHostUnregister', host);
  }
}

function runKernel(cuda: CudaLibrary, { ptx, expected }: PrecisionKernel): void {
  const loaded = cuda.ask('cuModuleLoadData', Buffer.from(`${ptx}\0`));
  try {
    const kernel = cuda.ask('cuModuleGetFunction', loaded, Buffer.from('probe\0'));
    withDeviceMemory(cuda, kernelThreads * 4, (address) => {
      const argument = new BigUint64Array([address]);
      const list = new BigUint64Array([cuda.addressOf(argument)]);
      const threads = 256;
      cuda.call('cuLaunchKernel', kernel, kernelThreads / threads, 1, 1, threads, 1, 1, 0, 0n, list, null);
      cuda.call('cuCtxSynchronize');
      const out = new Float32Array(kernelThreads);
      cuda.call('cuMemcpyDtoH_v2', out, address, BigInt(out.byteLength));
      const wrong = out.findIndex((value, thread) => value !== expected(thread));
      if (wrong >= 0) {
        throw new WrongData(`thread ${wrong} computed ${out[wrong]}, and ${expected(wrong)} is right`);
      }
    });
  } finally {
    cuda.call('cuModuleUnload', loaded);
  }
}

/** Copies to another device. A platform whose IOMMU redirects them reports access, and other bytes arrive. */
function tryPeer(cuda: CudaLibrary, options: CudaTrialOptions, at: number, other: string, say: Say): void {
  const { bytes, copyMs, ordinal, name } = options;
  attempt(say, 'peer', `${name} to ${other}`, () => {
    const [from, to] = [readInt(cuda, 'cuDeviceGet', ordinal), readInt(cuda, 'cuDeviceGet', at)];
    const can = readInt(cuda, 'cuDeviceCanAccessPeer', from, to) === 1;
    const size = BigInt(bytes);
    return within(cuda, to, (target) =>
      withDeviceMemory(cuda, bytes, (received) =>
        within(cuda, from, (source) => {
          if (can) cuda.call('cuCtxEnablePeerAccess', target, 0);
          return withDeviceMemory(cuda, bytes, (sending) => {
            const [sent, back] = [makePattern(bytes, 4), Buffer.alloc(bytes)];
            cuda.call('cuMemcpyHtoD_v2', sending, sent, size);
            const rate = timeCopies(bytes, copyMs, () => {
              cuda.call('cuMemcpyPeer', received, target, sending, source, size);
              cuda.call('cuCtxSynchronize');
            });
            within(cuda, to, () => {
              cuda.call('cuMemcpyDtoH_v2', back, received, size);
            });
            demandSame(sent, back);
            return can ? rate : { ...rate, reason: 'no peer access: copies go through the memory of the host' };
          });
        }),
      ),
    );
  });
}

/** Other bytes came back than were sent, or other numbers than are right. */
class WrongData extends Error {}

/** Codes of the driver by which it says that it cannot do a thing here, which is no fault: not supported, and PTX newer than the driver. */
const cannotHere: ReadonlySet<number | null> = new Set([null, 801, 222]);

type Measured = { readonly bytesPerSecond?: number; readonly reason?: string };

/** False where it did not pass. Null as the outcome tells nothing yet. */
function attempt(say: Say, kind: PreflightCheck['kind'], of: string, act: () => Measured | null): boolean {
  say({ begins: { kind, of } });
  try {
    const measured = act();
    if (measured !== null) say({ check: { kind, of, verdict: 'pass', reason: null, ...measured } });
    return true;
  } catch (thrown) {
    const unknown = thrown instanceof CudaError && cannotHere.has(thrown.code);
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    say({ check: { kind, of, verdict: unknown ? 'unknown' : 'fail', reason } });
    return false;
  }
}

function within<T>(cuda: CudaLibrary, device: number, act: (context: bigint) => T): T {
  const before = cuda.ask('cuCtxGetCurrent');
  const context = cuda.ask('cuDevicePrimaryCtxRetain', device);
  try {
    cuda.call('cuCtxSetCurrent', context);
    return act(context);
  } finally {
    cuda.call('cuCtxSetCurrent', before);
    cuda.call('cuDevicePrimaryCtxRelease_v2', device);
  }
}

function withDeviceMemory<T>(cuda: CudaLibrary, bytes: number, act: (address: bigint) => T): T {
  const address = cuda.ask('cuMemAlloc_v2', BigInt(bytes));
  try {
    return act(address);
  } finally {
    cuda.call('cuMemFree_v2', address);
  }
}

function readInt(
  cuda: CudaLibrary,
  name: 'cuDeviceGetCount' | 'cuDeviceGet' | 'cuDeviceGetAttribute' | 'cuDeviceCanAccessPeer',
  ...rest: readonly number[]
): number {
  const out = new Int32Array(1);
  cuda.call(name, out, ...rest);
  return out[0] ?? 0;
}

/** Bytes that no other check wrote there before. */
function makePattern(bytes: number, seed: number): Buffer {
  const memory = Buffer.allocUnsafeSlow(bytes);
  const words = new Uint32Array(memory.buffer, memory.byteOffset, Math.floor(bytes / 4));
  let state = Math.imul(seed, 0x9e3779b1) >>> 0 || 1;
  for (let at = 0; at < words.length; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    words[at] = state;
  }
  return memory;
}

function demandSame(sent: Buffer, back: Buffer): void {
  if (sent.equals(back)) return;
  const at = sent.findIndex((byte, place) => byte !== back[place]);
  throw new WrongData(`other bytes came back than were sent, from byte ${at} on`);
}

function uuidText(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString('hex');
  return `GPU-${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
