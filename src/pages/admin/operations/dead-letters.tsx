import { useState } from 'preact/hooks';
import { CHANNELS } from '../../../engine/trigger.ts';
import { ApiFault, call } from '../api.ts';
import { t, when } from '../language.ts';
import { confirm } from '../ui/confirm.tsx';
import { faultOf } from '../ui/loaded.ts';
import { Fault, say } from '../ui/notice.tsx';
import { Filters } from './filters.tsx';
import { Paged } from './paged.tsx';

interface Letter {
  id: string;
  source: string;
  code: string;
  message?: string;
  trigger: string | null;
  channel: string | null;
  createdAt: string;
  replayedAt: string | null;
}

export function DeadLetters() {
  const [query, setQuery] = useState('');
  const [fault, setFault] = useState<ApiFault | null>(null);

  async function replay(letter: Letter, reload: () => void): Promise<void> {
    try {
      setFault(null);
      if (await send(letter)) reload();
    } catch (error) {
      setFault(faultOf(error));
    }
  }
  return (
    <>
      <h1>{t('Dead letters', '발송 실패')}</h1>
      <p class="quiet">
        {t(
          'Messages that were given up. Before one is sent after all, consent, exits, expiry and pause are asked again.',
          '포기한 메시지입니다. 다시 보내기 전에 동의, 종료 조건, 유효 기간, 멈춤 여부를 다시 확인합니다.',
        )}
      </p>
      <Filters
        change={setQuery}
        filters={[
          { name: 'trigger', label: t('Trigger', '트리거') },
          { name: 'code', label: t('Code', '코드') },
          { name: 'channel', label: t('Channel', '채널'), choices: CHANNELS },
          { name: 'replayed', label: t('Replayed', '재발송'), choices: ['true', 'false'] },
        ]}
      />
      <Fault fault={fault} />
      <Paged<Letter>
        path={`dead-letters?limit=30&${query}`}
        label={t('Dead letters', '발송 실패')}
        keyOf={({ id }) => id}
        columns={(reload) => [
          { head: t('When', '시각'), cell: ({ createdAt }) => when(createdAt) },
          { head: t('Trigger', '트리거'), cell: ({ trigger }) => trigger ?? '–' },
          { head: t('Channel', '채널'), cell: ({ channel }) => channel ?? '–' },
          {
            head: t('Why', '이유'),
            cell: ({ source, code, message }) => (
              <>
                <code>{code}</code> <span class="quiet">{message ?? source}</span>
              </>
            ),
          },
          {
            head: t('Replay', '재발송'),
            cell: (letter) =>
              letter.replayedAt ? (
                when(letter.replayedAt)
              ) : (
                <button type="button" onClick={() => void replay(letter, reload)}>
                  {t('Send again', '다시 보내기')}
                </button>
              ),
          },
        ]}
      />
    </>
  );
}

/** What may have arrived is sent again only when somebody says so. */
async function send({ id }: Letter): Promise<boolean> {
  const path = `dead-letters/${encodeURIComponent(id)}/replay`;
  try {
    await call('POST', path, {});
  } catch (error) {
    if (!(error instanceof ApiFault) || error.code !== 'may_send_twice') throw error;
    const isSure = await confirm({
      title: t('It may arrive twice', '두 번 도착할 수 있습니다'),
      body: error.message,
      action: t('Send it anyway', '그래도 보내기'),
      isDangerous: true,
    });
    if (!isSure) return false;
    await call('POST', path, { force: true });
  }
  say(t('It is on its way.', '다시 보냈습니다.'));
  return true;
}
