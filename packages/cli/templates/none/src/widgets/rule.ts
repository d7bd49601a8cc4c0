import type { Widget } from './api.ts'

/** Counts the words of a text, which white space separates, and its characters (Unicode code points). */
export function widgetOf(text: string): Widget {
  return { words: text.match(/\S+/g)?.length ?? 0, characters: [...text].length }
}
