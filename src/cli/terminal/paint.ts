import picocolors from 'picocolors';
import { visibleLine } from '../../core/units/visible-text.ts';

export type Tone = 'good' | 'bad' | 'warn' | 'quiet' | 'strong';

/** Colours for people; the identity where the terminal wants none. The words carry the meaning without them; a text is one line. */
export function painter(colour: boolean): (tone: Tone, text: string) => string {
  const colours = picocolors.createColors(colour);
  const tones: Readonly<Record<Tone, (text: string) => string>> = {
    good: colours.green,
    bad: colours.red,
    warn: colours.yellow,
    quiet: colours.dim,
    strong: colours.bold,
  };
  return (tone, text) => tones[tone](visibleLine(text));
}
