import { mkdirSync, openSync, closeSync, writeSync, fsyncSync } from 'node:fs';
import path from 'node:path';
import { seededRandom } from '../../src/testing/builders/files/onnx-models.ts';
import { onnxPieces, type LargeInitializer, type OnnxNode } from '../../src/testing/builders/files/onnx-writer.ts';

/** One layer is this wide: its weights are 16 MiB of FP32. */
export const layerWidth = 2_048;
const width = layerWidth;
const layerBytes = 4 * width * width;
/** A protobuf message ends below 2 GiB; with a rest for the graph. */
const mostInside = 2 ** 31 - (1 << 20);

export interface GeneratedModel {
  readonly file: string;
  readonly bytes: number;
  readonly files: readonly string[];
}

/**
 * A stack of square layers with seeded weights, as large as asked for, written without being held in memory. With `beside` the
 * weights lie in a file of their own (external data of ONNX), each at the start of a page, so that the runtime can map them.
 */
export function writeGeneratedModel(folder: string, weightsBytes: number, beside: boolean): GeneratedModel {
  const layers = Math.max(1, Math.round(weightsBytes / layerBytes));
  if (!beside && layers * layerBytes > mostInside) throw new Error('one ONNX file holds less than 2 GiB of weights');
  mkdirSync(folder, { recursive: true });
  const names = Array.from({ length: layers }, (_, at) => `w${at}`);
  const nodes = names.flatMap((weights, at): OnnxNode[] => [
    { op: 'MatMul', inputs: [at === 0 ? 'x' : `a${at}`, weights], outputs: [`z${at}`] },
    { op: 'Tanh', inputs: [`z${at}`], outputs: [at === layers - 1 ? 'y' : `a${at + 1}`] },
  ]);
  const large = names.map((name, at): LargeInitializer => {
    const tensor = { name, datatype: 'FP32', shape: [width, width], byteLength: layerBytes } as const;
    if (!beside) return { ...tensor, pieces: () => [weightsOf(at)] };
    return { ...tensor, pieces: null, external: { location: 'weights.bin', offset: at * layerBytes } };
  });
  const value = { datatype: 'FP32', shape: ['n', width] } as const;
  const graph = { inputs: [{ name: 'x', ...value }], outputs: [{ name: 'y', ...value }], nodes };
  const file = path.join(folder, 'model.onnx');
  writePieces(file, onnxPieces(graph, large));
  const data = path.join(folder, 'weights.bin');
  if (beside) writePieces(data, layersOf(layers));
  return { file, bytes: layers * layerBytes, files: beside ? [file, data] : [file] };
}

function* layersOf(count: number): Generator<Uint8Array> {
  for (let at = 0; at < count; at += 1) yield weightsOf(at);
}

/** Numbers that keep the activations of a layer in range; a block of them repeated, because making them takes longer than writing. */
function weightsOf(layer: number): Uint8Array {
  const random = seededRandom(layer + 1);
  const block = Float32Array.from({ length: 1 << 16 }, () => (random() - 0.5) * Math.sqrt(12 / width));
  const weights = new Float32Array(width * width);
  for (let at = 0; at < weights.length; at += block.length) weights.set(block, at);
  return new Uint8Array(weights.buffer);
}

function writePieces(file: string, pieces: Iterable<Uint8Array>): void {
  const handle = openSync(file, 'w');
  try {
    for (const piece of pieces) for (let at = 0; at < piece.length;) at += writeSync(handle, piece, at);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
