import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../language.ts';

interface Question {
  title: string;
  body: preact.ComponentChildren;
  /** The word on the button that does it. */
  action: string;
  isDangerous?: boolean;
}

const asked = signal<(Question & { answer(yes: boolean): void }) | null>(null);

/** Asks before something is done that others will feel. Escape is no. */
export function confirm(question: Question): Promise<boolean> {
  return new Promise((resolve) => {
    asked.value = {
      ...question,
      answer(yes) {
        asked.value = null;
        resolve(yes);
      },
    };
  });
}

export function Asking() {
  const dialog = useRef<HTMLDialogElement>(null);
  const question = asked.value;
  useEffect(() => {
    if (question) dialog.current?.showModal();
    else dialog.current?.close();
  }, [question]);
  return (
    <dialog
      ref={dialog}
      class="ask"
      aria-labelledby="ask-title"
      onCancel={(event) => {
        event.preventDefault();
        question?.answer(false);
      }}
    >
      {question && (
        <form
          method="dialog"
          onSubmit={(event) => {
            event.preventDefault();
            question.answer(true);
          }}
        >
          <h2 id="ask-title">{question.title}</h2>
          <div class="ask-body">{question.body}</div>
          <div class="row end">
            <button type="button" onClick={() => question.answer(false)}>
              {t('Cancel', '취소')}
            </button>
            <button type="submit" class={question.isDangerous ? 'danger' : 'main'}>
              {question.action}
            </button>
          </div>
        </form>
      )}
    </dialog>
  );
}
