/** A safetensors file of a header as it is written and so many bytes behind it; `headerSaid` lies about the header's length. */
export function safetensorsFile(header: string | object, dataBytes: number, headerSaid?: number | bigint): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const length = new DataView(new ArrayBuffer(8));
  length.setBigUint64(0, BigInt.asUintN(64, BigInt(headerSaid ?? text.length)), true);
  return new Uint8Array(Buffer.concat([new Uint8Array(length.buffer), text, new Uint8Array(dataBytes)]));
}

/** One entry of a header. */
export const tensorEntry = (
  dtype: string,
  shape: readonly number[],
  begin: number,
  end: number,
): { dtype: string; shape: readonly number[]; data_offsets: readonly number[] } => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});
