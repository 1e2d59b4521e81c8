import * as z from 'zod';
import type { SimulatedKind } from '../../core/pool/simulated-devices.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { readBytes } from '../../core/units/quantity/quantity-bytes.ts';
import { readYamlSource, type YamlSource } from '../contract/contract-source.ts';
import { decodeText } from '../source/source-text.ts';
import { sourceBounds } from '../source/yaml-bounds.ts';

const devicesAtMost = 64;
const sharesAtMost = 48;

const memory = z.string().transform((text, context) => {
  const read = readBytes(text);
  if (read.ok && read.value > 0) return read.value;
  context.addIssue({ code: 'custom', message: 'expected a size such as 24GiB' });
  return z.NEVER;
});
const version = (form: RegExp, example: string) => z.string().regex(form, `expected text such as '${example}'`);

const kindSchema = z
  .strictObject({
    product: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9 ._-]{0,99}$/, 'expected a name such as NVIDIA L4'),
    count: z.int().min(1).max(devicesAtMost).default(1),
    memory,
    sharing: z.enum(['exclusive', 'mps', 'time-slicing']).default('exclusive'),
    shares: z.int().min(1).max(sharesAtMost).optional(),
    capability: version(/^\d{1,2}\.\d{1,2}$/, '8.9').optional(),
    driver: version(/^\d{1,5}(?:\.\d{1,5}){1,2}$/, '570.148.08').optional(),
    cuda: version(/^\d{1,3}\.\d{1,3}$/, '12.8').optional(),
  })
  .refine(({ sharing, shares }) => (sharing === 'exclusive') === (shares === undefined), {
    path: ['shares'],
    message: 'a device that is handed out by mps or time-slicing has shares, and an exclusive device has none',
  })
  .transform(({ memory: memoryBytes, shares, capability, driver, cuda, ...rest }): SimulatedKind => ({
    ...rest,
    memoryBytes,
    ...(shares === undefined ? {} : { shares }),
    ...(capability === undefined ? {} : { computeCapability: capability }),
    ...(driver === undefined ? {} : { driver }),
    ...(cuda === undefined ? {} : { driverCuda: cuda }),
  }));

const fileSchema = z
  .strictObject({ devices: z.array(kindSchema).min(1).max(devicesAtMost) })
  .refine(({ devices }) => devices.reduce((sum, { count }) => sum + count, 0) <= devicesAtMost, {
    path: ['devices'],
    message: `at most ${devicesAtMost} devices in total`,
  });

/**
 * Returns the kinds of devices that a file declares for a machine.
 * @throws PlimsollError `devices-invalid` (input) with file, line and key of each problem.
 */
export function readSimulatedDevices(bytes: Uint8Array, file: string): readonly SimulatedKind[] {
  const decoded = decodeText(bytes, sourceBounds.bytes);
  if (!decoded.ok) throw invalid(file, [`${file}:${decoded.line}: ${decoded.message}`]);
  const { source, problems } = readYamlSource(decoded.text);
  if (problems.length > 0)
    throw invalid(
      file,
      problems.map(({ range, message }) => `${placeOf(source, file, range)}: ${message}`),
    );
  const result = fileSchema.safeParse(source.value ?? {}, { jitless: true });
  if (result.success) return result.data.devices;
  throw invalid(
    file,
    result.error.issues.map((issue) => {
      const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
      const key = path.length === 0 ? '' : ` \`${path.join('.')}\`:`;
      return `${placeOf(source, file, source.valueRange(path))}:${key} ${issue.message}`;
    }),
  );
}

function placeOf(source: YamlSource, file: string, range: readonly [number, number]): string {
  const { line, column } = source.lines.place(...range);
  return `${file}:${line}:${column}`;
}

const invalid = (file: string, problems: readonly string[]): PlimsollError =>
  new PlimsollError({
    code: 'devices-invalid',
    category: 'input',
    message: problems.slice(0, 20).join('\n'),
    next: `mend ${file}; docs/sharing.md shows the form`,
  });
