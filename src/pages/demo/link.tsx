import type { ComponentChildren } from 'preact';
import { go } from './route.ts';

interface LinkProps {
  /** A path of the shop. */
  to: string;
  class?: string;
  current?: boolean;
  children: ComponentChildren;
}

export function Link({ to, current = false, children, ...rest }: LinkProps) {
  return (
    <a
      {...rest}
      href={`#${to}`}
      {...(current && { 'aria-current': 'page' })}
      onClick={(event) => {
        // A new tab is the browser's business.
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        go(to);
      }}
    >
      {children}
    </a>
  );
}
