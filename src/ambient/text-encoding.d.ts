/**
 * The two web globals that wire formats may use. Declared by hand so that the wire layers compile
 * without the types of Node or of the DOM, and therefore cannot reach for a socket, a file or a clock.
 */
declare class TextEncoder {
  encode(text?: string): Uint8Array<ArrayBuffer>;
  encodeInto(text: string, target: Uint8Array): { read: number; written: number };
}
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(bytes?: Uint8Array, options?: { stream?: boolean }): string;
}
