import type { Channel } from '../../../../engine/trigger.ts';
import { counted, number, t, when } from '../../language.ts';
import { UserLink } from '../../operations/user-link.tsx';
import { LongTable } from '../../ui/long-table.tsx';
import { channelWord } from '../channel-words.ts';
import type { ShadowExample, ShadowReport } from './shadow.ts';

/** What both versions send, and what only one of them does. */
export function ShadowDiff({ report }: { report: ShadowReport }) {
  const { live, shadow, both, onlyLive, onlyShadow } = report;
  const rows = [
    { name: t('Live', '현재 버전'), ...live },
    { name: t('Shadow', '섀도'), ...shadow },
    { name: t('Both the same', '둘 다 같음'), ...both },
    { name: t('Only live', '현재 버전만'), ...onlyLive },
    { name: t('Only shadow', '섀도만'), ...onlyShadow },
  ];
  return (
    <>
      <dl class="facts">
        {rows.map(({ name, messages, people }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              {t(
                `${counted(messages, 'message', 'messages')} to ${counted(people, 'person', 'people')}`,
                `${number(people)}명에게 ${number(messages)}개`,
              )}
            </dd>
          </div>
        ))}
      </dl>
      {shadow.heldOut > 0 && (
        <p class="quiet">
          {t(
            `Held out by the draft: ${number(shadow.heldOut)}`,
            `초안의 홀드아웃: ${number(shadow.heldOut)}`,
          )}
        </p>
      )}
      <Examples
        title={t('Only the draft would have sent', '초안만 보냈을 메시지')}
        examples={onlyShadow.examples}
      />
      <Examples
        title={t('Only the live version sent', '현재 버전만 보낸 메시지')}
        examples={onlyLive.examples}
      />
    </>
  );
}

function Examples({ title, examples }: { title: string; examples: readonly ShadowExample[] }) {
  if (examples.length === 0) return null;
  return (
    <details open>
      <summary>{title}</summary>
      <LongTable
        label={title}
        items={examples}
        columns={[
          { head: t('When', '시각'), cell: ({ at }) => when(at) },
          { head: t('To', '받는 사람'), cell: (one) => <UserLink {...one} /> },
          { head: t('Channel', '채널'), cell: ({ channel }) => channelWord(channel as Channel) },
        ]}
      />
    </details>
  );
}
