import type { ImageFacts } from '../../../image/image-facts.ts';
import type { ModelHardwareFacts } from '../../model/model-facts.ts';
import { quantizationMethods } from '../../tables/packages/quantization-methods.ts';
import { rowOf } from '../engines/published-runtimes.ts';
import { found, notKnown, type Found } from '../finding.ts';
import { versionOf } from '../numbers.ts';
import { distribution } from '../service-facts.ts';
import { otherOpener } from './only-program.ts';

/** GPTQ is a method of its own, so that its precision tells it where the configuration was not read. */
const methodOf = ({ quantMethod, precisions }: ModelHardwareFacts): string | undefined =>
  quantMethod ?? precisions?.find((one) => one === 'gptq');

/**
 * Whether the engine knows the method that the model is quantized by.
 *
 * | version of the engine | answer |
 * |---|---|
 * | of a row of the method | incompatible: unknown quantization method |
 * | the same, beside another program that may open the model | unknown |
 * | newer, or no row speaks of the method | null |
 */
export function quantizationMethodFinding(image: ImageFacts, model: ModelHardwareFacts | null): Found | null {
  const method = model === null ? undefined : methodOf(model);
  const rows = quantizationMethods.filter((one) => {
    const version = versionOf(distribution(image, [one.engine]));
    return one.method === method && version !== null && rowOf([{ from: '0', to: one.to }], version) !== null;
  });
  const [row] = rows;
  if (row === undefined) return null;
  const text = distribution(image, [row.engine]);
  const message = `${row.engine} ${text} does not know the quantization method ${row.method}`;
  const refusing = rows.map(({ engine }) => engine);
  const other = otherOpener(image, 'safetensors', refusing);
  if (other !== undefined)
    return notKnown('quantization-method', 'image.python', `${message}, and ${other} may open the model in its place`);
  return found({
    rule: 'quantization-method',
    compatibility: 'incompatible',
    message,
    facts: { [row.engine]: text, quantMethod: row.method },
    source: row.source,
    fix: `${row.engine} newer than ${row.to} in the image, or the model in another form`,
  });
}
