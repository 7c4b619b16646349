/** The arms of an experiment and their weights; a `split` step says where each goes. */
import type { Trigger } from '../../../engine/trigger.ts';
import { t } from '../language.ts';
import { usePlace } from '../ui/editing.ts';
import { NumberField, TextField } from '../ui/fields.tsx';

type Variant = NonNullable<NonNullable<Trigger['experiment']>['variants']>[number];

export function Variants() {
  const { value, set, isLocked } = usePlace<Variant[]>('experiment.variants');
  const variants = Array.isArray(value) ? value : [];
  const taken = new Set(variants.map(({ id }) => id));
  const free = [...'abcdefghijklmnopqrstuvwxyz'].find((letter) => !taken.has(letter)) ?? '';
  return (
    <details data-path="experiment.variants" tabIndex={-1} open={variants.length > 0}>
      <summary>{t('Experiment with variants', '변형 실험')}</summary>
      {variants.map((_, index) => (
        <div class="row" key={index}>
          <TextField path={`experiment.variants.${index}.id`} label={t('Variant', '변형')} isRequired />
          <NumberField
            path={`experiment.variants.${index}.weight`}
            label={t('Weight', '비중')}
            min={0}
            step={1}
          />
          <button
            type="button"
            class="plain"
            disabled={isLocked}
            onClick={() =>
              set(variants.length === 1 ? undefined : variants.filter((_one, at) => at !== index))
            }
          >
            {t('Remove', '빼기')}
          </button>
        </div>
      ))}
      <button
        type="button"
        class="plain"
        disabled={isLocked || free === ''}
        onClick={() => set([...variants, { id: free, weight: 1 }])}
      >
        {t('+ variant', '+ 변형')}
      </button>
    </details>
  );
}
