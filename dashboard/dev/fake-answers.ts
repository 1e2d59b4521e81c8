import { readDigit } from './digit-reader.ts';

/** Outputs of a model that scores rows. */
export const scoreOf = (): object[] => [{ name: 'score', datatype: 'FP32', shape: [1, 1], data: [0.731] }];

/** Outputs of the digits model for the request of the page. */
export function digitsOf(body: string): object[] {
  const request = JSON.parse(body) as { inputs: { data: number[] }[] };
  const data = readDigit(request.inputs[0]?.data ?? []);
  return [{ name: 'probabilities', datatype: 'FP32', shape: [1, 10], data }];
}
