import type { NvmlAnswer, NvmlLibrary, NvmlParameter } from './nvml-library.ts';

/** A value, or why there is none. */
export type NvmlTold<T> = { readonly value: T } | { readonly code: number | null; readonly reason: string };

/** One function of NVML for one kind of answer. Layouts are those of nvml.h on 64-bit machines, little-endian. */
export class NvmlQuestions {
  readonly #library: NvmlLibrary;

  constructor(library: NvmlLibrary) {
    this.#library = library;
  }

  plain(name: string): NvmlTold<true> {
    return told(this.#library.call(name, []), () => true);
  }

  count(name: string, ...before: readonly NvmlParameter[]): NvmlTold<number> {
    const out = new Uint32Array(1);
    return told(this.#library.call(name, [...before, { buffer: out }]), () => out[0] ?? 0);
  }

  /** The first words of a struct of the system, which NVML writes. */
  words(name: string, count: number): NvmlTold<readonly number[]> {
    // More room than the struct needs, as `struct` says.
    const out = new Uint32Array(count + 64);
    return told(this.#library.call(name, [{ buffer: out }]), () => [...out.subarray(0, count)]);
  }

  pair(name: string, device: bigint): NvmlTold<readonly [number, number]> {
    const [first, second] = [new Uint32Array(1), new Uint32Array(1)];
    const answer = this.#library.call(name, [{ handle: device }, { buffer: first }, { buffer: second }]);
    return told(answer, () => [first[0] ?? 0, second[0] ?? 0] as const);
  }

  four(name: string, device: bigint): NvmlTold<readonly [number, number, number, number]> {
    const out = [new Uint32Array(1), new Uint32Array(1), new Uint32Array(1), new Uint32Array(1)] as const;
    const answer = this.#library.call(name, [{ handle: device }, ...out.map((buffer) => ({ buffer }))]);
    return told(answer, () => [out[0][0] ?? 0, out[1][0] ?? 0, out[2][0] ?? 0, out[3][0] ?? 0] as const);
  }

  /** One field by its number, as a whole number. */
  field(device: bigint, id: number): NvmlTold<number> {
    const out = new Uint8Array(40 + 256);
    const view = new DataView(out.buffer);
    view.setUint32(0, id, true);
    const answer = this.#library.call('nvmlDeviceGetFieldValues', [{ handle: device }, { uint: 1 }, { buffer: out }]);
    if ('reason' in answer) return answer;
    const code = view.getUint32(28, true);
    return code === 0 ? { value: view.getUint32(32, true) } : { code, reason: `field ${id} answers ${code}` };
  }

  long(name: string, device: bigint): NvmlTold<bigint> {
    const out = new BigUint64Array(1);
    return told(this.#library.call(name, [{ handle: device }, { buffer: out }]), () => out[0] ?? 0n);
  }

  /** A pointer that later calls take. */
  handle(name: string, ...before: readonly NvmlParameter[]): NvmlTold<bigint> {
    const out = new BigUint64Array(1);
    return told(this.#library.call(name, [...before, { buffer: out }]), () => out[0] ?? 0n);
  }

  text(name: string, ...before: readonly NvmlParameter[]): NvmlTold<string> {
    const out = new Uint8Array(128);
    const answer = this.#library.call(name, [...before, { buffer: out }, { uint: out.length }]);
    return told(answer, () => textIn(out));
  }

  struct(name: string, handle: bigint, bytes: number, prepare?: (view: DataView) => void): NvmlTold<DataView> {
    // More room than the struct needs: a newer library that writes a longer one must not write over other memory.
    const out = new Uint8Array(bytes + 256);
    const view = new DataView(out.buffer);
    prepare?.(view);
    return told(this.#library.call(name, [{ handle }, { buffer: out }]), () => view);
  }
}

function told<T>(answer: NvmlAnswer, value: () => T): NvmlTold<T> {
  return 'reason' in answer ? answer : { value: value() };
}

export function textIn(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end === -1 ? bytes : bytes.subarray(0, end)).trim();
}
