// Prints the picture of the README: the first two golden digits of each class, drawn from the data as SVG.
//
//   node scripts/bootstrap.mjs examples/digits/picture.ts > examples/digits/digits.svg
import type { Image } from './data/images.ts';
import { prepareData } from './data/prepare.ts';
import { readRows } from './data/rows.ts';

const side = 28;
/** Grey values are drawn in this many steps of opacity: enough for the eye, and a tenth of the bytes. */
const greys = 5;

export function digitsPicture(images: readonly Image[], rows: number): string {
  const columns = 10;
  const drawn = Array.from({ length: columns }, (_, label) => images.filter((image) => image.label === label));
  const digits = drawn.flatMap((ofLabel, column) =>
    ofLabel.slice(0, rows).map((image, row) => drawDigit(image, column * side, row * side)),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${columns * side} ${rows * side}" width="${columns * side * 2}" role="img">`,
    '<title>Handwritten digits 0 to 9 from the golden set</title>',
    '<style>path{stroke:#1c3d5a}@media(prefers-color-scheme:dark){path{stroke:#9cc9ef}}</style>',
    ...digits,
    '</svg>',
    '',
  ].join('\n');
}

function drawDigit(image: Image, left: number, top: number): string {
  const levels = image.pixels.map((value) => Math.ceil(value * greys));
  const paths = Array.from({ length: greys }, (_, below) => drawLevel(levels, below + 1));
  return `<g transform="translate(${left} ${top})" fill="none">${paths.join('')}</g>`;
}

/** One path a level: a horizontal stroke for each run of neighbours that are as dark as it. */
function drawLevel(levels: readonly number[], level: number): string {
  const strokes: string[] = [];
  for (let start = 0; start < levels.length; start += 1) {
    if (levels[start] !== level) continue;
    let end = start + 1;
    while (levels[end] === level && end % side !== 0) end += 1;
    strokes.push(`M${start % side} ${Math.floor(start / side) + 0.5}h${end - start}`);
    start = end - 1;
  }
  return strokes.length === 0 ? '' : `<path opacity="${level / greys}" d="${strokes.join('')}"/>`;
}

if (import.meta.main) {
  const { files } = await prepareData((text) => process.stderr.write(`${text}\n`));
  process.stdout.write(digitsPicture(readRows(files['digits-golden'].path), 2));
}
