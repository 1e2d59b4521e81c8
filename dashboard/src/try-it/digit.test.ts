import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { centreOfMass, digitImage, extendStroke, imageSize, maxPoints, type Stroke } from './digit.ts';
import { sampleCount, sampleStrokes } from './sample-digits.ts';

const seven: Stroke = [
  { x: 60, y: 50 },
  { x: 200, y: 52 },
  { x: 120, y: 240 },
];
const scaled = (stroke: Stroke, factor: number, dx: number, dy: number): Stroke =>
  stroke.map((point) => ({ x: point.x * factor + dx, y: point.y * factor + dy }));
const rowsWithInk = (image: readonly number[]): number[] =>
  Array.from({ length: imageSize }, (_, y) => y).filter((y) =>
    image.slice(y * imageSize, (y + 1) * imageSize).some((ink) => ink > 0.5),
  );

describe('a drawn digit', () => {
  it('is all paper when nothing is drawn', () => {
    expect(digitImage([]).every((ink) => ink === 0)).toBe(true);
    expect(digitImage([]).length).toBe(784);
  });

  it('fills the 20 pixel box that the training images fill', () => {
    const rows = rowsWithInk(digitImage([seven]));
    expect(rows.length).toBeGreaterThanOrEqual(19);
    expect(rows.length).toBeLessThanOrEqual(21);
  });

  it('has its centre of mass in the centre of the image', () => {
    const mass = centreOfMass(digitImage([seven]));
    expect(mass.x).toBeCloseTo(14, 1);
    expect(mass.y).toBeCloseTo(14, 1);
  });

  it('is the same image wherever and however large it was drawn', () => {
    const image = digitImage([seven]);
    const small = digitImage([scaled(seven, 0.25, 130, 9)]);
    expect(Math.max(...image.map((ink, at) => Math.abs(ink - (small[at] ?? 9))))).toBeLessThan(0.01);
  });

  it('has soft edges: some pixels are neither paper nor ink', () => {
    expect(digitImage([seven]).filter((ink) => ink > 0.1 && ink < 0.9).length).toBeGreaterThan(40);
  });

  it('draws a dot as a dot', () => {
    const ink = digitImage([[{ x: 5, y: 5 }]]).reduce((sum, value) => sum + value, 0);
    expect(ink).toBeGreaterThan(3);
    expect(ink).toBeLessThan(9);
  });

  it('keeps all ink inside the image, and every pixel between paper and ink', () => {
    const points = fc.record({
      x: fc.double({ min: 0, max: 280, noNaN: true }),
      y: fc.double({ min: 0, max: 280, noNaN: true }),
    });
    fc.assert(
      fc.property(
        fc.array(fc.array(points, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 4 }),
        (strokes) => {
          const image = digitImage(strokes);
          return image.length === 784 && image.every((ink) => ink >= 0 && ink <= 1) && image.some((ink) => ink > 0.5);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('the samples', () => {
  it('have about the ink of the training images, 0.131 of full', () => {
    const inks = Array.from({ length: sampleCount }, (_, digit) => digitImage(sampleStrokes(digit, 280)));
    const mean = inks.flat().reduce((sum, ink) => sum + ink, 0) / (784 * sampleCount);
    expect(mean).toBeGreaterThan(0.115);
    expect(mean).toBeLessThan(0.145);
  });
  it('stay on the pad', () => {
    for (let digit = 0; digit < sampleCount; digit += 1) {
      const points = sampleStrokes(digit, 280).flat();
      expect(points.length).toBeGreaterThan(8);
      expect(points.every(({ x, y }) => x >= 0 && x <= 280 && y >= 0 && y <= 280)).toBe(true);
    }
  });
});

describe('recording a stroke', () => {
  it('drops tremor and is bounded', () => {
    const start: Stroke = [{ x: 0, y: 0 }];
    expect(extendStroke(start, { x: 0.5, y: 0.5 })).toBe(start);
    let stroke = start;
    for (let step = 1; step < maxPoints + 50; step += 1) stroke = extendStroke(stroke, { x: step * 2, y: 0 });
    expect(stroke.length).toBe(maxPoints);
  });
});
