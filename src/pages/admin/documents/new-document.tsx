import { useState } from 'preact/hooks';
import { type ApiFault, call } from '../api.ts';
import { t } from '../language.ts';
import { faultOf } from '../ui/loaded.ts';
import { Fault } from '../ui/notice.tsx';
import { about, type Kind } from './kinds.ts';

interface Props {
  kind: Kind;
  taken: readonly string[];
  made(id: string): void;
}

/** A new document begins as something that works, stored at once. Not channels: a provider's address can't be guessed. */
export function NewDocument({ kind, taken, made }: Props) {
  const [fault, setFault] = useState<ApiFault | null>(null);
  const { ids, beginning } = about(kind);
  const free = ids?.filter((id) => !taken.includes(id));
  async function submit(event: SubmitEvent & { currentTarget: HTMLFormElement }): Promise<void> {
    event.preventDefault();
    const id = String(new FormData(event.currentTarget).get('id') ?? '').trim();
    if (taken.includes(id)) return made(id);
    try {
      if (kind !== 'channels') await call('PUT', `${kind}/${encodeURIComponent(id)}`, beginning(id));
      made(id);
    } catch (error) {
      setFault(faultOf(error));
    }
  }
  if (free?.length === 0) return null;
  return (
    <form class="row" onSubmit={submit}>
      {free ? (
        <select name="id" aria-label={t('New', '새로 만들기')}>
          {free.map((id) => (
            <option key={id}>{id}</option>
          ))}
        </select>
      ) : (
        <input
          name="id"
          required
          pattern="[A-Za-z0-9][A-Za-z0-9_\-]*"
          aria-label={t('New id', '새 ID')}
          placeholder={t('new-id', '새-id')}
        />
      )}
      <button type="submit">{t('New', '새로 만들기')}</button>
      <Fault fault={fault} />
    </form>
  );
}
