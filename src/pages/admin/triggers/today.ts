import { call } from '../api.ts';
import { useLoaded } from '../ui/loaded.ts';

export interface Numbers {
  sent: number;
  offered: number;
  shown: number;
  clicked: number;
  converted: number;
}

const NONE: Numbers = { sent: 0, offered: 0, shown: 0, clicked: 0, converted: 0 };

/** Since this reader's midnight, of every trigger; null until they are there. */
export function useNumbers(): ((trigger: string) => Numbers) | null {
  const from = new Date(new Date().setHours(0, 0, 0, 0)).toISOString();
  const { value } = useLoaded(
    () => call<{ perTrigger: Record<string, Numbers> }>('GET', `reports/messages?from=${from}`),
    from,
  );
  return value && ((trigger) => value.perTrigger[trigger] ?? NONE);
}
