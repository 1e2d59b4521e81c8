import * as z from 'zod';
import { indexOfLargest } from '../evaluate.ts';
import { classes, pixelsPerImage, type Image } from '../data/images.ts';

const inferResponseSchema = z.object({
  outputs: z.array(z.object({ name: z.string(), data: z.array(z.number()) })),
});

/** One digit as an infer request of the Open Inference Protocol, in its JSON form. */
export function inferRequest(image: Image): string {
  return JSON.stringify({
    inputs: [{ name: 'image', datatype: 'FP32', shape: [1, pixelsPerImage], data: image.pixels }],
  });
}

/** The digit that an infer response finds likeliest. @throws Error when it is no answer to `inferRequest`. */
export function likeliestDigit(body: string): number {
  const response = inferResponseSchema.parse(JSON.parse(body));
  const probabilities = response.outputs.find(({ name }) => name === 'probabilities')?.data;
  if (probabilities?.length !== classes) throw new Error(`the answer holds no ${classes} probabilities`);
  return indexOfLargest(probabilities);
}
