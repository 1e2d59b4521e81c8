import type { PointerEvent, ReactNode } from 'preact/compat';
import { useEffect, useRef } from 'preact/compat';
import { extendStroke, type Point, type Stroke } from './digit.ts';
import { currentTheme, watchTheme } from '../parts/theme.ts';

export interface DrawingPadProps {
  /** Units of the strokes' coordinates along each side. */
  readonly size: number;
  readonly strokes: readonly Stroke[];
  /** The change, not its result: several moves may come before the next paint. */
  readonly onDraw: (change: (strokes: readonly Stroke[]) => readonly Stroke[]) => void;
  readonly onSample: (digit: number) => void;
  readonly onClear: () => void;
  readonly onSend: () => void;
}

const sharpness = 2;
const penWidth = 19;

/** A sheet to draw on by mouse, finger or pen; by keyboard, a digit's key draws that digit. */
export function DrawingPad({ size, strokes, onDraw, onSample, onClear, onSend }: DrawingPadProps): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawing = useRef(false);
  useEffect(() => {
    const paint = (): void => paintStrokes(canvas.current, strokes);
    paint();
    return watchTheme(paint);
  }, [strokes]);

  const pointOf = (event: { clientX: number; clientY: number }): Point => {
    const box = canvas.current?.getBoundingClientRect() ?? new DOMRect(0, 0, size, size);
    return { x: ((event.clientX - box.left) / box.width) * size, y: ((event.clientY - box.top) / box.height) * size };
  };
  const begin = (event: PointerEvent<HTMLCanvasElement>): void => {
    if (event.button !== 0 || !event.isPrimary) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    drawing.current = true;
    const start = pointOf(event);
    onDraw((before) => [...before, [start]]);
  };
  const move = (event: PointerEvent<HTMLCanvasElement>): void => {
    if (!drawing.current || !event.isPrimary) return;
    // A browser bundles moves between two frames; without them a quick stroke has corners.
    const moves = event.getCoalescedEvents?.() ?? [];
    const points = (moves.length === 0 ? [event] : moves).map(pointOf);
    onDraw((before) => [...before.slice(0, -1), points.reduce(extendStroke, before.at(-1) ?? [])]);
  };
  const end = (): void => {
    drawing.current = false;
  };
  const press = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^[0-9]$/.test(event.key)) onSample(Number(event.key));
    else if (event.key === 'Enter') onSend();
    else if (event.key === 'Delete' || event.key === 'Backspace' || event.key === 'Escape') onClear();
    else return;
    event.preventDefault();
  };
  return (
    <div
      className="pad"
      role="application"
      tabIndex={0}
      aria-label="Drawing pad. Keys 0 to 9 draw that digit, Enter sends it, Delete clears."
      onKeyDown={press}
    >
      <canvas
        ref={canvas}
        width={size * sharpness}
        height={size * sharpness}
        onPointerDown={begin}
        onPointerMove={move}
        onPointerUp={end}
        onPointerCancel={end}
      />
    </div>
  );
}

function paintStrokes(canvas: HTMLCanvasElement | null, strokes: readonly Stroke[]): void {
  const context = canvas?.getContext('2d') ?? null;
  if (canvas === null || context === null) return;
  context.setTransform(sharpness, 0, 0, sharpness, 0, 0);
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.strokeStyle = currentTheme().ink;
  context.lineWidth = penWidth;
  context.lineCap = 'round';
  context.lineJoin = 'round';
  for (const stroke of strokes) {
    const [first, ...rest] = stroke;
    if (first === undefined) continue;
    context.beginPath();
    context.moveTo(first.x, first.y);
    context.lineTo(first.x, first.y);
    for (const point of rest) context.lineTo(point.x, point.y);
    context.stroke();
  }
}
