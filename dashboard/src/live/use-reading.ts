import { type HTMLAttributes, type RefObject, useRef } from 'preact/compat';

export interface Reading {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly handlers: Pick<
    HTMLAttributes<HTMLDivElement>,
    'onPointerEnter' | 'onPointerLeave' | 'onFocus' | 'onBlur' | 'onScroll'
  >;
  readonly openChanged: (anyOpen: boolean) => void;
  readonly stop: () => void;
}

/** Knows whether somebody reads a list: by pointer, focus, scroll position or an opened row. */
export function useReading(onStart: () => void, onStop: () => void): Reading {
  const scroller = useRef<HTMLDivElement>(null);
  const why = useRef({ pointer: false, focus: false, scrolled: false, open: false, reading: false });
  const settle = (change: Partial<typeof why.current>): void => {
    const next = { ...why.current, ...change };
    const reading = next.pointer || next.focus || next.scrolled || next.open;
    if (reading !== next.reading) (reading ? onStart : onStop)();
    why.current = { ...next, reading };
  };
  return {
    scroller,
    handlers: {
      onPointerEnter: (event) => settle({ pointer: event.pointerType === 'mouse' }),
      onPointerLeave: () => settle({ pointer: false }),
      onFocus: () => settle({ focus: true }),
      onBlur: (event) => settle({ focus: event.currentTarget.contains(event.relatedTarget as Node | null) }),
      onScroll: (event) => settle({ scrolled: event.currentTarget.scrollTop > 4 }),
    },
    openChanged: (open) => settle({ open }),
    stop: () => {
      if (scroller.current !== null) scroller.current.scrollTop = 0;
      settle({ pointer: false, focus: false, scrolled: false, open: false });
    },
  };
}
