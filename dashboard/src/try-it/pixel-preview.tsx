import type { ReactNode } from 'preact/compat';
import { useEffect, useRef } from 'preact/compat';
import { imageSize } from './digit.ts';
import { currentTheme, watchTheme } from '../parts/theme.ts';

/** The 28x28 values that are sent, pixel for pixel: what the model gets to see. */
export function PixelPreview({ image }: { readonly image: readonly number[] }): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const paint = (): void => paintPixels(canvas.current, image);
    paint();
    return watchTheme(paint);
  }, [image]);
  return (
    <figure className="pixels">
      <canvas ref={canvas} width={imageSize} height={imageSize} aria-hidden="true" />
      <figcaption>what the model sees</figcaption>
    </figure>
  );
}

function paintPixels(canvas: HTMLCanvasElement | null, image: readonly number[]): void {
  const context = canvas?.getContext('2d') ?? null;
  if (canvas === null || context === null) return;
  context.clearRect(0, 0, imageSize, imageSize);
  context.fillStyle = currentTheme().ink;
  image.forEach((ink, at) => {
    if (ink === 0) return;
    context.globalAlpha = ink;
    context.fillRect(at % imageSize, Math.floor(at / imageSize), 1, 1);
  });
  context.globalAlpha = 1;
}
