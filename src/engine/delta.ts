/**
 * A change of a profile's state as data, and the draft that collects it.
 *
 * The engine never edits a state. It writes into a draft that lies over it, reads through it, and returns the list of
 * writes. The shell commits that list with the event, then applies it to its copy; a wake applies the logged lists to
 * the last snapshot and arrives at the same state.
 */
import { type ProfileState, type Section, type SectionValues, sectionOf } from './state.ts';
import type { Meta } from './state-meta.ts';
import type { Json } from './vocabulary.ts';

/** `[section, key, value]`; null removes. Meta fields stand under `meta`. */
export type Op = [section: Section | 'meta', key: string, value: unknown];
export type Delta = Op[];

export class Draft {
  readonly #base: ProfileState;
  readonly #overlay = new Map<Section, Map<string, unknown>>();
  #meta: Meta;
  readonly #metaChanges = new Map<keyof Meta, unknown>();
  #writes = 0;

  constructor(base: ProfileState) {
    this.#base = base;
    this.#meta = base.meta;
  }

  /** What is written to it isn't kept, and isn't seen here. */
  fork(): Draft {
    const fork = new Draft(this.#base);
    fork.setMeta(Object.fromEntries([...this.#metaChanges]) as Partial<Meta>);
    for (const [section, overlay] of this.#overlay) fork.#overlay.set(section, new Map(overlay));
    return fork;
  }

  /** Grows with every write: where it stands still, nothing has changed. */
  get writes(): number {
    return this.#writes;
  }

  get meta(): Readonly<Meta> {
    return this.#meta;
  }

  /** As it was before the first write. */
  get metaBefore(): Readonly<Meta> {
    return this.#base.meta;
  }

  setMeta(changes: Partial<Meta>): void {
    if (this.#metaChanges.size === 0) this.#meta = { ...this.#meta };
    Object.assign(this.#meta, changes);
    this.#writes += 1;
    for (const field in changes) {
      this.#metaChanges.set(field as keyof Meta, changes[field as keyof Meta]);
    }
  }

  get<S extends Section>(section: S, key: string): SectionValues[S] | undefined {
    const overlay = this.#overlay.get(section);
    if (overlay?.has(key)) return (overlay.get(key) ?? undefined) as SectionValues[S] | undefined;
    return (this.#base[section] as Map<string, SectionValues[S]>).get(key);
  }

  put<S extends Section>(section: S, key: string, value: SectionValues[S]): void {
    this.#write(section, key, value);
  }

  remove(section: Section, key: string): void {
    if (this.get(section, key) !== undefined) this.#write(section, key, null);
  }

  /** In the order of last change. Writing while iterating is safe: what is written then may or may not be seen. */
  entries<S extends Section>(section: S): IterableIterator<[string, SectionValues[S]]> {
    const overlay = this.#overlay.get(section);
    const base = this.#base[section] as Map<string, SectionValues[S]>;
    // Nearly always nothing was written: then no generator is made for it.
    return overlay ? this.#merged(base, overlay) : base.entries();
  }

  *#merged<S extends Section>(
    base: Map<string, SectionValues[S]>,
    overlay: Map<string, unknown>,
  ): Generator<[string, SectionValues[S]]> {
    for (const entry of base) if (!overlay.has(entry[0])) yield entry;
    for (const [key, value] of overlay) if (value !== null) yield [key, value as SectionValues[S]];
  }

  isWritten(section: Section, key: string): boolean {
    return this.#overlay.get(section)?.has(key) ?? false;
  }

  /** The keys that were put or removed. */
  written(section: Section): Iterable<string> {
    return this.#overlay.get(section)?.keys() ?? [];
  }

  isEmpty(section: Section): boolean {
    return this.entries(section).next().done === true;
  }

  delta(): Delta {
    const ops: Delta = [];
    for (const [field, value] of this.#metaChanges) {
      if (this.#base.meta[field] !== value) ops.push(['meta', field, value]);
    }
    for (const [section, overlay] of this.#overlay) {
      for (const [key, value] of overlay) {
        if (value !== null || this.#base[section].has(key)) ops.push([section, key, value]);
      }
    }
    return ops;
  }

  #write(section: Section, key: string, value: unknown): void {
    this.#writes += 1;
    let overlay = this.#overlay.get(section);
    if (!overlay) {
      overlay = new Map();
      this.#overlay.set(section, overlay);
    }
    // Deleted first so that a rewritten key moves to the end: sections are ordered by last change.
    overlay.delete(key);
    overlay.set(key, value);
  }
}

/** Applies committed writes to the shell's own copy. */
export function applyDelta(state: ProfileState, delta: Delta): void {
  for (const [section, key, value] of delta) {
    if (section === 'meta') {
      (state.meta as unknown as Record<string, Json>)[key] = value as Json;
      continue;
    }
    const entries = sectionOf(state, section);
    entries.delete(key);
    if (value !== null) entries.set(key, value);
  }
}
