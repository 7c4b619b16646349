/** The draft, tried on one real user: every gate's verdict and the message; nothing is stored or sent. */
import { useState } from 'preact/hooks';
import type { Trigger } from '../../../engine/trigger.ts';
import { type ApiFault, call } from '../api.ts';
import { language, t } from '../language.ts';
import { parsedObject, pretty } from '../ui/json-text.tsx';
import { faultOf } from '../ui/loaded.ts';
import { MessageView, type Rendered } from '../ui/message-view.tsx';
import { Fault, say } from '../ui/notice.tsx';
import { Gates, type GateVerdict } from './gates.tsx';
import { sampleEvent } from './sample-event.ts';

interface Previewed {
  reason: string;
  gates: GateVerdict[];
  message?: Rendered;
}

export function PreviewPanel({ trigger, isSaved }: { trigger: Trigger; isSaved: boolean }) {
  const [userId, setUserId] = useState('anon:preview');
  const [event, setEvent] = useState(() => sampleText(trigger));
  const [seen, setSeen] = useState<Previewed | null>(null);
  const [fault, setFault] = useState<ApiFault | null>(null);

  async function attempt(work: () => Promise<void>): Promise<void> {
    try {
      setFault(null);
      await work();
    } catch (error) {
      setSeen(null);
      setFault(faultOf(error));
    }
  }
  const asked = () => (event.trim() === '' ? {} : { event: parsedObject(event) ?? event });
  const preview = () =>
    attempt(async () => {
      const body = { trigger, userId, ...asked() };
      setSeen(await call<Previewed>('POST', `triggers/preview?lang=${language.value}`, body));
    });
  const test = () =>
    attempt(async () => {
      const path = `triggers/${encodeURIComponent(trigger.id)}/test`;
      const { channel } = await call<{ channel: string }>('POST', path, { userId, ...asked() });
      say(t(`A test message is on its way (${channel}).`, `시험 메시지를 보냈습니다 (${channel}).`));
    });

  return (
    <section class="part preview" aria-label={t('Preview', '미리 보기')}>
      <h2>{t('As a real user', '실제 사용자로')}</h2>
      <form
        onSubmit={(submitted) => {
          submitted.preventDefault();
          void preview();
        }}
      >
        <div class="field">
          <label for="preview-user">{t('User id, or anon:…', '사용자 ID 또는 anon:…')}</label>
          <input
            id="preview-user"
            required
            value={userId}
            onInput={(e) => setUserId(e.currentTarget.value)}
          />
        </div>
        <details>
          <summary>{t('The event that it is tried on', '시험할 이벤트')}</summary>
          <textarea
            class="code"
            rows={6}
            aria-label={t('Event (JSON)', '이벤트 (JSON)')}
            spellcheck={false}
            value={event}
            onInput={(e) => setEvent(e.currentTarget.value)}
          />
        </details>
        <div class="row">
          <button type="submit" class="main">
            {t('Try it', '미리 보기 실행')}
          </button>
          <button
            type="button"
            onClick={() => void test()}
            disabled={!isSaved}
            title={isSaved ? '' : t('Save the draft first', '초안을 먼저 저장하세요')}
          >
            {t('Send a test', '시험 발송')}
          </button>
        </div>
      </form>
      <Fault fault={fault} />
      {seen && (
        <div aria-live="polite">
          {seen.message && <MessageView message={seen.message} />}
          <Gates reason={seen.reason} gates={seen.gates} />
        </div>
      )}
    </section>
  );
}

function sampleText(trigger: Trigger): string {
  const sample = sampleEvent(trigger);
  return sample ? pretty(sample) : '';
}
