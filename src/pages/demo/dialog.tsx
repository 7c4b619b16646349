import type { Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Icon } from './icon.tsx';
import { t } from './words.ts';

interface DialogProps {
  open: Signal<boolean>;
  title: string;
  class: string;
  children: ComponentChildren;
}

/** A native dialog: the browser keeps the focus inside, closes it on Escape or beside it, and gives the focus back. */
export function Dialog({ open, title, class: kind, children }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const close = () => {
    open.value = false;
  };
  useEffect(() => {
    if (open.value) element.current?.showModal();
    else element.current?.close();
  }, [open.value]);
  return (
    <dialog ref={element} class={kind} aria-label={title} closedby="any" onClose={close}>
      {open.value && (
        <div class="inside">
          <h2>{title}</h2>
          <button type="button" class="x" aria-label={t('close')} onClick={close}>
            <Icon name="close" />
          </button>
          {children}
        </div>
      )}
    </dialog>
  );
}
