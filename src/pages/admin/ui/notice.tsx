import { signal } from '@preact/signals';
import type { ApiFault } from '../api.ts';
import { t } from '../language.ts';
import { FaultWords, IssueWords } from './api-words.tsx';
import type { Loaded } from './loaded.ts';

const said = signal<string | null>(null);
let timer: ReturnType<typeof setTimeout> | undefined;

/** Says for some seconds, also to a screen reader, what has been done. */
export function say(text: string): void {
  said.value = text;
  clearTimeout(timer);
  timer = setTimeout(() => {
    said.value = null;
  }, 6_000);
}

export function Said() {
  return (
    <div class="said" role="status" aria-live="polite">
      {said.value && <p>{said.value}</p>}
    </div>
  );
}

export function Fault({ fault }: { fault: ApiFault | null }) {
  if (!fault) return null;
  return (
    <div class="fault" role="alert">
      <FaultWords fault={fault} />
      {fault.issues.length > 0 && (
        <ul>
          {fault.issues.map((issue) => (
            <li key={issue.path + issue.message}>
              {issue.path && <code>{issue.path}</code>} <IssueWords issue={issue} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** What stands where something is still loading, or couldn't be. */
export function Pending({ of }: { of: Pick<Loaded<unknown>, 'fault' | 'reload'> }) {
  if (!of.fault)
    return (
      <p class="quiet" aria-busy="true">
        {t('Loading…', '불러오는 중…')}
      </p>
    );
  return (
    <>
      <Fault fault={of.fault} />
      <button type="button" onClick={of.reload}>
        {t('Try again', '다시 시도')}
      </button>
    </>
  );
}

export function Empty({ children }: { children: preact.ComponentChildren }) {
  return <p class="empty">{children}</p>;
}
