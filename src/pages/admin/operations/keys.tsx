import { useState } from 'preact/hooks';
import { type ApiFault, call } from '../api.ts';
import { t, when } from '../language.ts';
import { confirm } from '../ui/confirm.tsx';
import { faultOf } from '../ui/loaded.ts';
import { Fault } from '../ui/notice.tsx';
import { Paged } from './paged.tsx';

interface Key {
  id: string;
  kind: string;
  label: string;
  createdAt: string;
  revokedAt: string | null;
}

export function Keys() {
  const [made, setMade] = useState<(Key & { key: string }) | null>(null);
  const [fault, setFault] = useState<ApiFault | null>(null);

  async function create(event: SubmitEvent & { currentTarget: HTMLFormElement }): Promise<void> {
    event.preventDefault();
    const form = event.currentTarget;
    try {
      setFault(null);
      setMade(await call('POST', 'keys', Object.fromEntries(new FormData(form))));
      form.reset();
    } catch (error) {
      setFault(faultOf(error));
    }
  }
  async function revoke({ id, label }: Key, reload: () => void): Promise<void> {
    const isSure = await confirm({
      title: t(`Revoke “${label}”?`, `“${label}” 키를 폐기할까요?`),
      body: t(
        'Whoever uses it is refused within ten seconds, for good.',
        '이 키를 쓰는 쪽은 10초 안에 거절되며 되돌릴 수 없습니다.',
      ),
      action: t('Revoke', '폐기'),
      isDangerous: true,
    });
    if (!isSure) return;
    try {
      await call('DELETE', `keys/${encodeURIComponent(id)}`);
      reload();
    } catch (error) {
      setFault(faultOf(error));
    }
  }
  return (
    <>
      <h1>{t('Keys', '키')}</h1>
      <form class="row filters" onSubmit={create}>
        <select name="kind" aria-label={t('Kind', '종류')}>
          <option value="write">write</option>
          <option value="server">server</option>
          <option value="admin">admin</option>
        </select>
        <input
          name="label"
          required
          maxLength={100}
          aria-label={t('Label', '이름')}
          placeholder={t('What it is for', '용도')}
        />
        <button type="submit" class="main">
          {t('Make a key', '키 만들기')}
        </button>
      </form>
      <Fault fault={fault} />
      {made && (
        <p class="part" role="status">
          {t('Copy it now; it is shown this once:', '지금 복사하세요. 다시 볼 수 없습니다:')}{' '}
          <code class="secret">{made.key}</code>
        </p>
      )}
      <Paged<Key>
        key={made?.id ?? ''}
        path="keys"
        label={t('Keys', '키')}
        keyOf={({ id }) => id}
        columns={(reload) => [
          { head: t('For', '용도'), cell: ({ label }) => label },
          { head: t('Kind', '종류'), cell: ({ kind }) => <span class="badge">{kind}</span> },
          { head: 'id', cell: ({ id }) => <code>{id}</code> },
          { head: t('Made', '만든 시각'), cell: ({ createdAt }) => when(createdAt) },
          {
            head: t('Revoked', '폐기'),
            cell: (key) =>
              key.revokedAt ? (
                when(key.revokedAt)
              ) : (
                <button type="button" onClick={() => void revoke(key, reload)}>
                  {t('Revoke', '폐기')}
                </button>
              ),
          },
        ]}
      />
    </>
  );
}
