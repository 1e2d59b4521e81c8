import { PlimsollError } from '../../core/units/errors.ts';

/** What is wrong with an archive; whoever knows which file it is adds the name. */
export function tarDamaged(what: string): PlimsollError {
  return new PlimsollError({ code: 'tar-damaged', category: 'input', message: `the tar archive is damaged: ${what}` });
}

export function tarTooLarge(what: string): PlimsollError {
  return new PlimsollError({ code: 'tar-too-large', category: 'input', message: `the tar archive has ${what}` });
}
