import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { call } from '../api.ts';
import { t } from '../language.ts';
import { confirm } from '../ui/confirm.tsx';
import { faultOf } from '../ui/loaded.ts';
import { say } from '../ui/notice.tsx';

const isStopped = signal(false);

async function set(stopped: boolean): Promise<void> {
  const isSure = await confirm(
    stopped
      ? {
          title: t('Stop everything?', '모두 멈출까요?'),
          body: t(
            'Within ten seconds no trigger sends anything to anybody, and messages on open pages go away. Triggers keep their own state, and go on as they were when you resume.',
            '10초 안에 모든 트리거가 누구에게도 아무것도 보내지 않고, 열린 화면의 메시지도 사라집니다. 다시 시작하면 각 트리거는 원래 상태로 돌아갑니다.',
          ),
          action: t('Stop everything', '모두 멈추기'),
          isDangerous: true,
        }
      : {
          title: t('Resume?', '다시 시작할까요?'),
          body: t(
            'Every trigger that is active sends again, within ten seconds.',
            '켜져 있는 모든 트리거가 10초 안에 다시 보내기 시작합니다.',
          ),
          action: t('Resume', '다시 시작'),
        },
  );
  if (!isSure) return;
  try {
    await call('POST', 'stop-all', { stopped });
    isStopped.value = stopped;
    say(
      stopped ? t('Everything is stopped.', '모두 멈췄습니다.') : t('Triggers send again.', '다시 보냅니다.'),
    );
  } catch (error) {
    say(faultOf(error).message);
  }
}

export function StopAll() {
  useEffect(() => {
    call<{ stopped: boolean }>('GET', 'stop-all')
      .then(({ stopped }) => {
        isStopped.value = stopped;
      })
      .catch(() => {});
  }, []);
  return (
    <button
      type="button"
      class={`plain ${isStopped.value ? '' : 'danger-text'}`}
      onClick={() => void set(!isStopped.value)}
    >
      {isStopped.value ? t('Resume all', '모두 다시 시작') : t('Stop all', '모두 멈추기')}
    </button>
  );
}

/** Said on every view: whoever wonders why nothing is sent finds it here. */
export function StoppedBanner() {
  if (!isStopped.value) return null;
  return (
    <p class="stopped" role="status">
      {t(
        'Everything is stopped: no trigger sends anything.',
        '모두 멈춰 있습니다. 어떤 트리거도 보내지 않습니다.',
      )}
    </p>
  );
}
