/** `localTime`: the hours of a day on the user's clock, closed-open; across midnight they belong to the day they start. */

import { timeZoneOf } from '../../send/locale.ts';
import { isInside } from '../../time/daily-window.ts';
import { localParts } from '../../time/zone-time.ts';
import type { LocalTimeCondition } from '../../trigger.ts';
import type { Check } from './check.ts';

export function compileLocalTime({ localTime: [from, to], days }: LocalTimeCondition, path: string): Check {
  const hours = { from, to, ...(days && { days }) };
  return ({ draft, config, now }) => {
    const zone = timeZoneOf(draft, config.policies.workspace);
    if (isInside({ ...hours, zone }, now)) return null;
    const { weekday, hour, minute } = localParts(zone, now);
    return { path, values: { localTime: `${weekday} ${two(hour)}:${two(minute)}`, timezone: zone } };
  };
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
