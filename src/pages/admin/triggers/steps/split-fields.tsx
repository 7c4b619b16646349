/** Which way each variant of the experiment goes. */
import { t } from '../../language.ts';
import { usePlace } from '../../ui/editing.ts';
import { TextField } from '../../ui/fields.tsx';

export function SplitFields({ path, others }: { path: string; others: readonly string[] }) {
  const { value } = usePlace<Record<string, string>>(path);
  const { value: variants } = usePlace<{ id: string }[]>('experiment.variants');
  const ids = [...new Set([...(variants ?? []).map(({ id }) => id), ...Object.keys(value ?? {})])];
  return (
    <>
      {ids.length === 0 && (
        <p class="hint">
          {t('Variants stand in the limits, under experiment.', '변형은 아래 제한의 실험에서 정합니다.')}
        </p>
      )}
      <div class="grid">
        {ids.map((id) => (
          <TextField
            key={id}
            path={`${path}.${id}`}
            label={t(`${id} goes to`, `${id}의 다음 단계`)}
            list={others}
          />
        ))}
      </div>
    </>
  );
}
