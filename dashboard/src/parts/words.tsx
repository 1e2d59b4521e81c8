import type { ReactNode } from 'preact/compat';

/** A sentence of Plimsoll's, in which backticks mark what is to be typed or read literally. */
export function Words({ text }: { readonly text: string }): ReactNode {
  return text.split('`').map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part));
}
