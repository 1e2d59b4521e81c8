import type { DeviceVerdict, ServiceDemands } from './compatibility.ts';
import { describeClass, digestOfClass, type DeviceClass } from './device-class.ts';

/** What one class of device answers to what one service asks for: every finding, deciding ones first. */
export function judgeDevice(demands: ServiceDemands, deviceClass: DeviceClass): DeviceVerdict {
  void demands;
  return {
    deviceClass: digestOfClass(deviceClass),
    description: describeClass(deviceClass),
    compatibility: 'unknown',
    verdict: 'unknown',
    findings: [],
  };
}
