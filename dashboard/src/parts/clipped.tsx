import type { ReactNode } from 'preact/compat';
import { useLayoutEffect, useRef, useState } from 'preact/compat';

interface ClippedProps {
  readonly children: ReactNode;
  /** Longer text is cut to so many lines, and a button opens it. */
  readonly lines: 1 | 2 | 4;
  readonly className?: string;
  /** What is read, for people who hear the button alone: `the reason of release 6`. */
  readonly what: string;
}

/** A text that has a place of so many lines. The button lies over the end of the last one, so that its coming moves nothing. */
export function Clipped({ children, lines, className = '', what }: ClippedProps): ReactNode {
  const [open, setOpen] = useState(false);
  const text = useRef<HTMLSpanElement>(null);
  const cut = useIsCut(text);
  return (
    <span className={`clipped ${className}`} data-open={open || undefined}>
      <span className={`clipped-${lines}`} ref={text}>
        {children}
      </span>
      {cut || open ? (
        <button type="button" className="more" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? 'less' : 'more'}
          <span className="unseen"> of {what}</span>
        </button>
      ) : null}
    </span>
  );
}

function useIsCut(text: { readonly current: HTMLSpanElement | null }): boolean {
  const [cut, setCut] = useState(false);
  useLayoutEffect(() => {
    const element = text.current;
    if (element === null) return undefined;
    const measure = (): void => {
      setCut(element.scrollHeight > element.clientHeight + 2 || element.scrollWidth > element.clientWidth + 1);
    };
    measure();
    const watching = new ResizeObserver(measure);
    watching.observe(element);
    // A text may become longer without its box becoming another one.
    const changing = new MutationObserver(measure);
    changing.observe(element, { subtree: true, childList: true, characterData: true });
    return () => {
      watching.disconnect();
      changing.disconnect();
    };
  }, [text]);
  return cut;
}
