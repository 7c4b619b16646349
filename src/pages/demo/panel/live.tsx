import type { Decision } from '../backend.ts';
import { t } from '../words.ts';
import { decisions } from './watch.ts';

export function Live() {
  if (decisions.value.length === 0) return <p class="empty">{t('noEvents')}</p>;
  return (
    <ol class="events">
      {decisions.value.map((decision) => (
        <Event key={decision.event.messageId} decision={decision} />
      ))}
    </ol>
  );
}

function Event({ decision: { event, triggers } }: { decision: Decision }) {
  return (
    <li>
      <p class="event">
        <strong>{event.name}</strong>
        <time dateTime={event.timestamp}>{timeOf(event.timestamp)}</time>
      </p>
      {triggers.length === 0 && <p class="nobody">{t('nobodyListened')}</p>}
      {triggers.map(({ id, reason, text }) => (
        <div key={id} class="verdict">
          <p>
            <code>{id}</code>
            <span class={`reason ${kindOf(reason)}`}>{reason}</span>
          </p>
          <p>{plain(text)}</p>
        </div>
      ))}
    </li>
  );
}

/** Of the closed list of reason codes: what reached somebody, what still may, and what won't. */
function kindOf(reason: string): 'good' | 'open' | 'no' {
  if (reason === 'sent' || reason === 'shown' || reason === 'queued') return 'good';
  if (/^(entered|waiting|legal_hold|quiet_hold|no_night_consent)$/.test(reason)) return 'open';
  return 'no';
}

/** Where in the document it was decided is for its author, who sees it at /admin. */
const plain = (text: string) => text.replace(/ \(`[^`]*`\)$/, '').replaceAll('`', '');

export function timeOf(timestamp: string): string {
  return new Date(timestamp).toLocaleTimeString('en-GB');
}
