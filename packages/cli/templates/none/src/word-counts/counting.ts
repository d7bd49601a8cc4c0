import type { WordCount } from './schemas.ts'

/** Counts the words of a text, separated by white space, and its characters (Unicode code points). */
export function countWords(text: string): WordCount {
  return { words: text.match(/\S+/g)?.length ?? 0, characters: [...text].length }
}
