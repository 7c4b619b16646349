import { useEffect, useRef } from 'preact/hooks';

/**
 * HTML that somebody wrote, in a frame that may do nothing: no script, no origin, no way out. It is not this page's
 * `srcdoc`, which would inherit a policy without inline style, as mails are full of it: the server sends it back under a
 * policy of its own.
 */
export function SafeFrame({ html, title }: { html: string; title: string }) {
  const form = useRef<HTMLFormElement>(null);
  const name = useRef(`frame-${crypto.randomUUID()}`);
  useEffect(() => form.current?.submit(), [html]);
  return (
    <>
      <form ref={form} action="/admin/frame" method="post" target={name.current} hidden>
        <textarea name="html" value={html} readonly aria-hidden="true" tabIndex={-1} />
      </form>
      <iframe name={name.current} title={title} sandbox="" class="mail-frame" />
    </>
  );
}
