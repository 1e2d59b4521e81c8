import { PlimsollError } from '../../core/units/errors.ts';

/** The bytes are not what the format says. `offset` is where in the file. */
export function safetensorsInvalid(what: string, offset: number): PlimsollError {
  return new PlimsollError({
    code: 'safetensors-invalid',
    category: 'input',
    message: `not a sound safetensors file: ${what}, at byte ${offset}`,
    next: 'write the file again with the safetensors library, or download it again',
    details: { offset },
  });
}

export function safetensorsTruncated(what: string, fileBytes: number): PlimsollError {
  return new PlimsollError({
    code: 'safetensors-truncated',
    category: 'input',
    message: `the safetensors file is cut off: ${what}, and the file has ${fileBytes} bytes`,
    next: 'copy or download the file again',
    details: { offset: fileBytes, fileBytes },
  });
}
