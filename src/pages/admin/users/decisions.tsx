/** Why, and why not: for each event of a user what each trigger answered, in the server's own words. */
import { useState } from 'preact/hooks';
import { call, type Page, readAll } from '../api.ts';
import { language, t, when } from '../language.ts';
import { linkTo } from '../route.ts';
import { useLoaded } from '../ui/loaded.ts';
import { Empty, Pending } from '../ui/notice.tsx';
import { Words } from '../ui/words.tsx';

interface Explained {
  event: { messageId: string; name: string; timestamp: string };
  triggers: { id: string; version: number; reason: string; path?: string; text: string }[];
}

const GOOD = ['sent', 'shown', 'queued', 'entered', 'waiting'];

export function Decisions({ id }: { id: string }) {
  const [trigger, setTrigger] = useState('');
  const of = trigger === '' ? '' : `&trigger=${encodeURIComponent(trigger)}`;
  const path = `profiles/${encodeURIComponent(id)}/decisions?lang=${language.value}&limit=50${of}`;
  const loaded = useLoaded(() => call<Page<Explained>>('GET', path), path);
  const triggers = useLoaded(() => readAll<{ id: string; name?: string }>('triggers'), 'all');
  const items = loaded.value?.items ?? [];
  return (
    <section class="part" aria-label={t('Why and why not', '받은 이유와 받지 못한 이유')}>
      <div class="row between">
        <h2>{t('Why, and why not', '왜 받았나, 왜 안 받았나')}</h2>
        <select
          aria-label={t('Only this trigger', '이 트리거만')}
          value={trigger}
          onChange={(event) => setTrigger(event.currentTarget.value)}
        >
          <option value="">{t('Every trigger', '모든 트리거')}</option>
          {(triggers.value ?? []).map((one) => (
            <option key={one.id} value={one.id}>
              {one.name ?? one.id}
            </option>
          ))}
        </select>
      </div>
      {!loaded.value && <Pending of={loaded} />}
      {loaded.value && items.length === 0 && <Empty>{t('No event yet.', '아직 이벤트가 없습니다.')}</Empty>}
      <ol class="decisions">
        {items.map(({ event, triggers: answers }) => (
          <li key={event.messageId}>
            <p>
              <strong>{event.name}</strong> <time dateTime={event.timestamp}>{when(event.timestamp)}</time>
            </p>
            {answers.length === 0 && (
              <p class="quiet">{t('No trigger listened.', '기다리던 트리거가 없습니다.')}</p>
            )}
            <ul>
              {answers.map((answer) => (
                <li key={answer.id}>
                  <span class={`badge ${GOOD.includes(answer.reason) ? 'active' : ''}`}>{answer.reason}</span>{' '}
                  <a href={linkTo('triggers', answer.id)}>{answer.id}</a> <Words text={answer.text} />
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ol>
      <button type="button" class="plain" onClick={loaded.reload}>
        {t('Look again', '새로고침')}
      </button>
    </section>
  );
}
