/** The Worker in this isolate, as `Api` tells of it. */
import { exports } from 'cloudflare:workers';
import { type Api, apiOf } from './api.ts';

export const api: Api = apiOf({ url: 'http://reflex.test' }, (url, init) => exports.default.fetch(url, init));
