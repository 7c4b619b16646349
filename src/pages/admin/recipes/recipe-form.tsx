import { useState } from 'preact/hooks';
import type { ApiFault } from '../api.ts';
import { of, t } from '../language.ts';
import { go, linkTo } from '../route.ts';
import { faultOf } from '../ui/loaded.ts';
import { Fault, say } from '../ui/notice.tsx';
import type { Answers, Ask } from './recipe.ts';
import { RECIPES } from './recipes.ts';
import { storeMade } from './store-made.ts';

export function RecipeForm({ id }: { id: string }) {
  const recipe = RECIPES.find((one) => one.id === id);
  const [fault, setFault] = useState<ApiFault | null>(null);
  const [isBusy, setBusy] = useState(false);
  if (!recipe) return <a href="#/new">{t('All recipes', '모든 레시피')}</a>;

  async function submit(event: SubmitEvent & { currentTarget: HTMLFormElement }): Promise<void> {
    event.preventDefault();
    setBusy(true);
    try {
      const answers = Object.fromEntries(new FormData(event.currentTarget)) as Answers;
      const trigger = await storeMade(recipe?.make(answers));
      say(t('The draft is ready.', '초안을 만들었습니다.'));
      go(linkTo('triggers', trigger));
    } catch (error) {
      setFault(faultOf(error));
      setBusy(false);
    }
  }
  return (
    <div class="narrow">
      <a class="back" href="#/new">
        {t('← Recipes', '← 레시피')}
      </a>
      <h1>{of(recipe.title)}</h1>
      <p class="quiet">{of(recipe.what)}</p>
      <form class="part" onSubmit={submit}>
        {recipe.asks.map((ask) => (
          <Question key={ask.id} ask={ask} />
        ))}
        <Fault fault={fault} />
        <button type="submit" class="main" disabled={isBusy}>
          {t('Make the draft', '초안 만들기')}
        </button>
      </form>
    </div>
  );
}

function Question({ ask: { id, label, hint, initial, kind = 'text' } }: { ask: Ask }) {
  const common = { id: `ask-${id}`, name: id, required: true, 'aria-describedby': `ask-${id}-hint` };
  return (
    <div class="field">
      <label for={common.id}>{of(label)}</label>
      {kind === 'rows' ? (
        <textarea {...common} rows={5} defaultValue={initial} />
      ) : (
        <Answer kind={kind} common={{ ...common, defaultValue: initial }} />
      )}
      <p class="hint" id={`ask-${id}-hint`}>
        {hint && of(hint)}
      </p>
    </div>
  );
}

interface Common {
  id: string;
  name: string;
  required: boolean;
  defaultValue: string;
}

function Answer({ kind, common }: { kind: 'text' | 'number' | 'instant'; common: Common }) {
  if (kind === 'number') return <input {...common} type="number" min={1} />;
  return kind === 'instant' ? <input {...common} type="datetime-local" /> : <input {...common} />;
}
