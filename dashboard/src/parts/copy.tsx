import type { ReactNode } from 'preact/compat';
import { useEffect, useState } from 'preact/compat';
import { CheckGlyph, CopyGlyph } from './glyphs.tsx';

const shownMs = 1_600;

/** Puts a text on the clipboard and says so, also to people who do not see the tick. */
export function CopyButton({ text, what }: { readonly text: string; readonly what: string }): ReactNode {
  const [outcome, setOutcome] = useState<'copied' | 'failed' | null>(null);
  useEffect(() => {
    if (outcome === null) return undefined;
    const timer = setTimeout(() => setOutcome(null), shownMs);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = (): void => {
    void copyText(text).then((copied) => setOutcome(copied ? 'copied' : 'failed'));
  };
  return (
    <button type="button" className="copy" aria-label={`Copy ${what}`} title={`Copy ${what}`} onClick={copy}>
      {outcome === 'copied' ? <CheckGlyph /> : <CopyGlyph />}
      <span className="unseen" role="status">
        {outcome === 'copied' ? 'Copied' : outcome === 'failed' ? 'Could not copy: select the text instead' : ''}
      </span>
    </button>
  );
}

/** A command as one types it, with its copy button. */
export function Command({ text }: { readonly text: string }): ReactNode {
  return (
    <span className="command">
      <code title={text}>{text}</code>
      <CopyButton text={text} what={`the command ${text}`} />
    </span>
  );
}

/** The clipboard interface exists only on secure origins; a page on a plain address falls back to the old way. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

function copyBySelection(text: string): boolean {
  const field = document.createElement('textarea');
  const focused = document.activeElement;
  field.value = text;
  field.className = 'unseen';
  document.body.append(field);
  field.select();
  const copied = document.execCommand('copy');
  field.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return copied;
}
