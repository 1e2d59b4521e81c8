import type { ReactNode } from 'preact/compat';
import { Command } from '../parts/copy.tsx';
import { splitCommands } from './split-commands.ts';

/** What to do next: words, and each command with its copy button. */
export function NextStep({ text }: { readonly text: string }): ReactNode {
  return (
    <span className="health-next">
      {splitCommands(text).map(({ text: part, isCommand }, index) =>
        isCommand ? <Command key={index} text={part} /> : <span key={index}>{part}</span>,
      )}
    </span>
  );
}
