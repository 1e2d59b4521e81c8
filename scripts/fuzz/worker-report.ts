export interface WorkerData {
  readonly parser: string;
  readonly seconds: number;
  readonly seed: number;
  readonly shared: SharedArrayBuffer;
}

export type WorkerReport =
  | { readonly kind: 'finding'; readonly what: string; readonly bytes: Uint8Array }
  | {
      readonly kind: 'done';
      readonly runs: number;
      /** Branches that seeds and corpus reached, and that were reached in the end, of so many places. */
      readonly branchesBefore: number;
      readonly branches: number;
      readonly places: number;
      /** Of the processor. */
      readonly seconds: number;
      readonly corpus: readonly Uint8Array[];
    };

const headBytes = 16;
export const sharedBytes = headBytes + 256 * 1024;

/** The input that runs now, where another thread can see it: its length (0 when none runs) and its number. */
export function sharedInput(shared: SharedArrayBuffer): {
  begin(bytes: Uint8Array): void;
  end(): void;
  now(): { readonly number: number; readonly bytes: Uint8Array } | null;
} {
  const head = new Int32Array(shared, 0, 2);
  const content = new Uint8Array(shared, headBytes);
  return {
    begin(bytes) {
      content.set(bytes);
      Atomics.add(head, 1, 1);
      Atomics.store(head, 0, bytes.length + 1);
    },
    end() {
      Atomics.store(head, 0, 0);
    },
    now() {
      const length = Atomics.load(head, 0) - 1;
      return length < 0 ? null : { number: Atomics.load(head, 1), bytes: content.slice(0, length) };
    },
  };
}
