import { render } from 'preact';
import { PRODUCTS } from './catalogue.ts';
import { Picture } from './picture.tsx';

const root = document.getElementById('app');
if (root)
  render(
    PRODUCTS.map(({ id, shape }) => <Picture key={id} shape={shape} />),
    root,
  );
