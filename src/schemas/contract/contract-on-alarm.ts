import * as z from 'zod';
import { defaults } from '../../core/contract/defaults.ts';
import { once, positiveDurationMs } from './contract-forms.ts';

const action = once(() => z.enum(['notify', 'isolate', 'roll-back']));

/** `isolate`, or `{ do: isolate, atMostOncePer: 6h }`. */
export const onAlarm = () =>
  z
    .union([action(), z.strictObject({ do: action(), atMostOncePer: positiveDurationMs().optional() })])
    .transform((written) =>
      typeof written === 'string'
        ? { action: written, atMostOncePerMs: defaults.actAtMostOncePerMs }
        : { action: written.do, atMostOncePerMs: written.atMostOncePer ?? defaults.actAtMostOncePerMs },
    );
