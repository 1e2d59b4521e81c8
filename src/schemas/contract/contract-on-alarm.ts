import * as z from 'zod';
import { alarmActions, defaultAtMostOncePerMs } from '../../core/monitoring/remedy/on-alarm.ts';
import { once, positiveDurationMs } from './contract-forms.ts';

const action = once(() => z.enum(alarmActions));

/** `isolate`, or `{ do: isolate, atMostOncePer: 6h }`. */
export const onAlarm = () =>
  z
    .union([action(), z.strictObject({ do: action(), atMostOncePer: positiveDurationMs().optional() })])
    .transform((written) =>
      typeof written === 'string'
        ? { action: written, atMostOncePerMs: defaultAtMostOncePerMs }
        : { action: written.do, atMostOncePerMs: written.atMostOncePer ?? defaultAtMostOncePerMs },
    );
