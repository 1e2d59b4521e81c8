import { PlimsollError } from '../../core/units/errors.ts';

/** The bytes are not what the format says. `offset` is where in the file. */
export function onnxInvalid(what: string, offset: number): PlimsollError {
  return new PlimsollError({
    code: 'onnx-invalid',
    category: 'input',
    message: `not a sound ONNX model: ${what}, at byte ${offset}`,
    next: 'export the model again, and check it with the exporter’s own tool (python -m onnx.checker)',
    details: { offset },
  });
}

export function onnxTruncated(what: string, offset: number, fileBytes: number): PlimsollError {
  return new PlimsollError({
    code: 'onnx-truncated',
    category: 'input',
    message: `the ONNX model is cut off: ${what} at byte ${offset} reaches beyond the end of the file (${fileBytes} bytes)`,
    next: 'copy or download the file again',
    details: { offset, fileBytes },
  });
}

/** Nothing of an ONNX model was recognized. */
export function notOnnx(why: string, offset = 0): PlimsollError {
  return new PlimsollError({
    code: 'onnx-invalid',
    category: 'input',
    message: `this is not an ONNX model: ${why}`,
    next: 'name an .onnx file',
    details: { offset },
  });
}
