import { PlimsollError } from '../../core/units/errors.ts';

/** The bytes are not what the format says. `offset` is where in the file. */
export function ggufInvalid(what: string, offset: number): PlimsollError {
  return new PlimsollError({
    code: 'gguf-invalid',
    category: 'input',
    message: `not a sound GGUF file: ${what}, at byte ${offset}`,
    next: 'convert the model again, or download it again',
    details: { offset },
  });
}

export function ggufTruncated(what: string, offset: number, fileBytes: number): PlimsollError {
  return new PlimsollError({
    code: 'gguf-truncated',
    category: 'input',
    message: `the GGUF file is cut off: ${what} at byte ${offset} reaches beyond the end of the file (${fileBytes} bytes)`,
    next: 'copy or download the file again',
    details: { offset, fileBytes },
  });
}
