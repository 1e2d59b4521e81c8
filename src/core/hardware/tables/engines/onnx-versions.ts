import type { Source } from '../source.ts';

/** Newest ONNX file that a version of ONNX Runtime opens. */
export interface OnnxVersions {
  /** Both included; compared by as many places as the row writes. */
  readonly from: string;
  readonly to: string;
  readonly irVersion: number;
  /** Version of the operators of `ai.onnx`; left out where a newer one may run, as long as no new operator is used. */
  readonly opset?: number;
  readonly source: Source;
}

const url = 'https://onnxruntime.ai/docs/reference/compatibility.html#onnx-opset-support';
const page: Source = {
  title: 'ONNX Runtime, "Compatibility", ONNX opset support; docs/Versioning.md of 1.3',
  url,
  date: '2024-11',
};
const wheels: Source = {
  title:
    'ONNX Runtime, "Compatibility"; wheels 1.2.0 to 1.32.0, asked with files of each version: "Unknown model file format version", "Unsupported model IR version", "Current official support for domain ai.onnx is till opset"; issues 15874, 20559 and 23602',
  url,
  date: '2026-11-30',
};
const old = (from: string, to: string, irVersion: number): OnnxVersions => ({ from, to, irVersion, source: page });
const row = (from: string, to: string, irVersion: number, opset: number): OnnxVersions => ({
  ...{ from, to, irVersion, opset },
  source: wheels,
});

/** A version that no row names is not judged. */
export const onnxVersions: readonly OnnxVersions[] = [
  old('0.1', '0.2', 3),
  old('0.4', '0.5', 5),
  old('1.0', '1.1', 6),
  row('1.2', '1.2', 6, 11),
  row('1.3', '1.5', 7, 12),
  row('1.6', '1.7', 7, 13),
  row('1.8', '1.8', 7, 14),
  row('1.9', '1.10', 8, 15),
  row('1.11', '1.11', 8, 16),
  row('1.12', '1.13', 8, 17),
  row('1.14', '1.14', 8, 18),
  row('1.15', '1.16', 9, 19),
  row('1.17', '1.17', 9, 20),
  row('1.18', '1.20', 10, 21),
  row('1.21', '1.22', 10, 22),
  row('1.23', '1.23', 11, 23),
  row('1.24', '1.24', 13, 25),
  row('1.25', '1.31', 13, 26),
  row('1.32', '1.32', 14, 28),
];

/** IR version of what exporters write: a version of ONNX Runtime that opens less needs to know the file. */
export const ordinaryIrVersion: { readonly irVersion: number; readonly source: Source } = {
  irVersion: 8,
  source: {
    title:
      'ONNX, docs/Versioning.md: releases 1.10 to 1.13 write IR version 8 (operator sets 15 to 18), since August 2021',
    url: 'https://github.com/onnx/onnx/blob/main/docs/Versioning.md',
    date: '2026-11',
  },
};

/** `0` lets ONNX Runtime from 1.5 on open newer operators, and warn; before, nobody looks at it. */
export const newerOpsets = { variable: 'ALLOW_RELEASED_ONNX_OPSET_ONLY', value: '0', from: '1.5' } as const;
