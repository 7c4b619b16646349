/** Which way a run goes on: the first branch whose condition holds, or that has none. */

import { t } from '../../language.ts';
import { usePlace } from '../../ui/editing.ts';
import { TextField } from '../../ui/fields.tsx';
import { ConditionForm } from '../condition-form.tsx';
import type { BranchStep } from './step-kinds.ts';

export function BranchFields({ path, others }: { path: string; others: readonly string[] }) {
  const { value, set, isLocked } = usePlace<BranchStep['branch']>(path);
  const branches = Array.isArray(value) ? value : [];
  return (
    <>
      {branches.map((_, index) => (
        <div class="box" key={index}>
          <div class="row between">
            <strong>{index === 0 ? t('If', '만약') : t('Else, if', '아니고 만약')}</strong>
            {branches.length > 1 && (
              <button
                type="button"
                class="plain"
                disabled={isLocked}
                onClick={() => set(branches.filter((_one, at) => at !== index))}
              >
                {t('Remove', '빼기')}
              </button>
            )}
          </div>
          <ConditionForm path={`${path}.${index}.if`} />
          <TextField path={`${path}.${index}.goto`} label={t('Go to', '이동')} list={others} isRequired />
        </div>
      ))}
      <button
        type="button"
        class="plain"
        disabled={isLocked}
        onClick={() => set([...branches, { goto: others[0] ?? '' }])}
      >
        {t('+ branch', '+ 갈래')}
      </button>
    </>
  );
}
