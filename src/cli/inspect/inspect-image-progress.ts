import type { CliContext } from '../context.ts';
import { byteProgress } from '../../prove/progress.ts';

/** How many bytes there are to read is known when the first of them is read: cached layers are none of them. */
export function imageProgress(
  context: Pick<CliContext, 'terminal' | 'clock'>,
): (doneBytes: number, totalBytes: number) => void {
  let say: ((doneBytes: number) => void) | undefined;
  return (doneBytes, totalBytes) => {
    say ??= byteProgress(context, 'reading layers', totalBytes);
    say(doneBytes);
  };
}
