import type { Source } from '../source.ts';

/** Newest IR version that a version of ONNX Runtime opens. */
export interface OnnxIr {
  readonly from: string;
  /** Null for the newest; a version that no row names is not judged. */
  readonly to: string | null;
  readonly newest: number;
  readonly source: Source;
}

const issue = (number: number, says: string, date: string): Source => ({
  title: `ONNX Runtime issue ${number}: ${says}`,
  url: `https://github.com/microsoft/onnxruntime/issues/${number}`,
  date,
});

export const onnxIrRows: readonly OnnxIr[] = [
  { from: '1.12', to: '1.14', newest: 8, source: issue(15874, '1.14.1 opens IR version 8 at most', '2023-05-09') },
  { from: '1.15', to: '1.17', newest: 9, source: issue(20559, '1.17.1 opens IR version 9 at most', '2024-05-04') },
  { from: '1.18', to: '1.20', newest: 10, source: issue(23602, '1.20.1 opens IR version 10 at most', '2025-02-06') },
];
