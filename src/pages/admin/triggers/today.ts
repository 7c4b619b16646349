import { useEffect, useState } from 'preact/hooks';
import { call } from '../api.ts';

export interface Numbers {
  sent: number;
  shown: number;
  clicked: number;
  converted: number;
}

/** So many reports are asked for at once. */
const AT_ONCE = 4;

/** Since this reader's midnight, by trigger id; they come in one after the other. */
export function useNumbers(triggers: readonly { id: string }[]): Map<string, Numbers> {
  const [numbers, setNumbers] = useState(new Map<string, Numbers>());
  const ids = triggers.map(({ id }) => id).join(' ');
  useEffect(() => {
    let isCurrent = true;
    const waiting = ids.split(' ').filter(Boolean);
    const from = new Date(new Date().setHours(0, 0, 0, 0)).toISOString();
    async function work(): Promise<void> {
      for (let id = waiting.shift(); id !== undefined && isCurrent; id = waiting.shift()) {
        const name = id;
        const report = await call<Numbers>('GET', `triggers/${name}/report?from=${from}`).catch(() => null);
        if (report && isCurrent) setNumbers((before) => new Map(before).set(name, report));
      }
    }
    for (let worker = 0; worker < AT_ONCE; worker++) void work();
    return () => {
      isCurrent = false;
    };
  }, [ids]);
  return numbers;
}
